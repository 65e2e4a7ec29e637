"""The line of waiting jobs, in the order they will most likely be served, and for how long."""

import heapq
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

from proto.job import SecondsRange
from proto.model import Model
from services.store.backends import ANSWERING_SQL
from services.store.database import Connection

WAITING_SQL = """
SELECT job_id, jobs.owner, priority, COALESCE(weight, 1) AS weight, queued_at, line,
    granted_at IS NOT NULL AS granted, frame_count * (1 - progress) AS frames_left,
    template->>'template_id' AS template_id, settings->>'quality_profile' AS quality,
    settings->>'aspect_ratio' AS aspect_ratio
FROM jobs LEFT JOIN owners USING (owner) WHERE status = 'queued' AND NOT deciding
"""
RUNNING_SQL = """
SELECT frame_count * (1 - progress) AS frames_left,
    template->>'template_id' AS template_id, settings->>'quality_profile' AS quality,
    settings->>'aspect_ratio' AS aspect_ratio
FROM jobs WHERE status = 'executing'
"""
# What a frame of jobs alike took lately.
PACES_SQL = """
SELECT template_id, quality, aspect_ratio,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
FROM (
    SELECT template->>'template_id' AS template_id, settings->>'quality_profile' AS quality,
        settings->>'aspect_ratio' AS aspect_ratio, render_s / frames AS seconds
    FROM checkpoints JOIN jobs USING (job_id)
    WHERE taken_from IS NULL AND segment >= 0 AND render_s IS NOT NULL
    ORDER BY checkpoints.created_at DESC LIMIT 300
) AS recent GROUP BY template_id, quality, aspect_ratio
"""
BACKENDS_SQL = f"""
SELECT count(*) FILTER (WHERE {ANSWERING_SQL}) AS answering,
    count(*) FILTER (WHERE {ANSWERING_SQL} AND state = 'offered') AS offered
FROM backends WHERE state <> 'removed'
"""  # noqa: S608
PREPARING_SQL = "SELECT count(*) FROM jobs WHERE status IN ('accepted', 'uploaded')"

# How far a wait is off, for runs alike differ and others come and go.
WAIT_LOW, WAIT_HIGH = 0.7, 1.4
STEPS = ((10, 1), (60, 5), (600, 30), (math.inf, 60))


class Kind(Model):
    """Jobs alike: they take about the same time."""

    template_id: str
    quality: str
    aspect_ratio: str


class Unfinished(Kind):
    """frames_left: about how many are still to be rendered."""

    frames_left: float


class Waiting(Unfinished):
    """A job that waits for a GPU. granted: it has its place on one and runs next there.

    weight: its owner's share of the GPUs.
    """

    job_id: str
    owner: str
    priority: int
    weight: float
    queued_at: datetime
    line: str | None
    granted: bool


class Line(Model):
    """waiting: in the order they will most likely be served. preparing: how many will join soon.

    paces: seconds that a frame of a kind takes, where that is known. gpus: how many take work now.
    answering: how many are there, whether they take work or not.
    """

    waiting: list[Waiting]
    running: list[Unfinished]
    preparing: int
    paces: dict[Kind, float]
    gpus: int
    answering: int

    def joined_by(self, newcomer: Waiting) -> "Line":
        """The line as it would be with one more."""
        return self.model_copy(update={"waiting": in_fair_order([*self.waiting, newcomer])})

    @property
    def is_exact(self) -> bool:
        """One owner's jobs of one priority are served strictly in turn; fairness is approximate."""
        return len({(job.owner, job.priority, job.line) for job in self.waiting}) <= 1

    def waits(self) -> list[SecondsRange | None]:
        """For each waiting job; None while nothing takes work or nothing is known of its like."""
        if not self.gpus or not self.paces:
            return [None] * len(self.waiting)
        return list(self._waits())

    def _waits(self) -> Iterator[SecondsRange]:
        free_at = [self._left_s(job) for job in self.running]
        free_at += [0.0] * (self.gpus - len(free_at))
        heapq.heapify(free_at)
        for job in self.waiting:
            start = heapq.heappop(free_at)
            yield _about(start)
            heapq.heappush(free_at, start + self._left_s(job))

    def _left_s(self, job: Unfinished) -> float:
        """At the middle pace of the others, where no job of this kind was made lately."""
        kind = Kind(**job.model_dump(include=set(Kind.model_fields)))
        return job.frames_left * self.paces.get(kind, statistics.median(self.paces.values()))


def _about(seconds: float) -> SecondsRange:
    """In steps that a glance can take in, so that it does not change with every second."""
    step = next(step for limit, step in STEPS if seconds < limit)
    return SecondsRange(
        low=math.floor(seconds * WAIT_LOW / step) * step,
        high=math.ceil(seconds * WAIT_HIGH / step) * step,
    )


def in_fair_order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """By priority; within one, owners take turns by their weights, each one's oldest first."""
    turns: defaultdict[tuple[str, int, bool], Iterator[int]] = defaultdict(lambda: count(1))
    ranked: list[tuple[bool, int, float, int, Waiting]] = []
    for job in sorted(waiting, key=lambda job: (job.queued_at, job.job_id)):
        turn = next(turns[job.owner, job.priority, job.granted])
        ranked.append((not job.granted, job.priority, turn / job.weight, len(ranked), job))
    return [job for *_, job in sorted(ranked, key=lambda rank: rank[:-1])]


RIVALS_SQL = """
SELECT DISTINCT jobs.owner, jobs.priority, COALESCE(weight, 1) AS weight
FROM jobs LEFT JOIN owners USING (owner)
WHERE status = 'queued' AND NOT deciding AND granted_at IS NULL AND line IS NOT NULL
  AND line = ANY (SELECT unnest(backends.lines) FROM backends WHERE backend_id = $1)
"""


class Rival(Model):
    """An owner who waits for a place on a backend, by the most urgent of what waits there."""

    owner: str
    priority: int
    weight: float


async def list_rivals(connection: Connection, backend_id: str) -> list[Rival]:
    """Who waits in the lines that the backend serves."""
    return [Rival(**dict(row)) for row in await connection.fetch(RIVALS_SQL, backend_id)]


async def read(connection: Connection) -> Line:
    waiting = [Waiting(**dict(row)) for row in await connection.fetch(WAITING_SQL)]
    [backends] = await connection.fetch(BACKENDS_SQL)
    return Line(
        waiting=in_fair_order(waiting),
        running=[Unfinished(**dict(row)) for row in await connection.fetch(RUNNING_SQL)],
        preparing=await connection.fetchval(PREPARING_SQL),
        paces={
            Kind(
                template_id=row["template_id"],
                quality=row["quality"],
                aspect_ratio=row["aspect_ratio"],
            ): row["seconds"]
            for row in await connection.fetch(PACES_SQL)
        },
        gpus=backends["offered"],
        answering=backends["answering"],
    )
