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
    granted_at IS NOT NULL AS granted,
    template->>'template_id' AS template_id, settings->>'quality_profile' AS quality,
    settings->>'aspect_ratio' AS aspect_ratio
FROM jobs LEFT JOIN owners USING (owner) WHERE status = 'queued'
"""
RUNNING_SQL = """
SELECT extract(epoch FROM clock_timestamp() - executing_at)::float8 AS elapsed_s,
    template->>'template_id' AS template_id, settings->>'quality_profile' AS quality,
    settings->>'aspect_ratio' AS aspect_ratio
FROM jobs WHERE status = 'executing'
"""
# What jobs alike took lately, from the start of their render to the end.
DURATIONS_SQL = """
SELECT template_id, quality, aspect_ratio,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
FROM (
    SELECT template->>'template_id' AS template_id, settings->>'quality_profile' AS quality,
        settings->>'aspect_ratio' AS aspect_ratio,
        extract(epoch FROM ended_at - executing_at)::float8 AS seconds
    FROM jobs WHERE status = 'completed' AND executing_at IS NOT NULL
    ORDER BY ended_at DESC LIMIT 300
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


class Waiting(Kind):
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


class Running(Kind):
    elapsed_s: float


class Line(Model):
    """waiting: in the order they will most likely be served. preparing: how many will join soon.

    durations: how long a render of a kind takes, where that is known. gpus: how many take work
    now. answering: how many are there, whether they take work or not.
    """

    waiting: list[Waiting]
    running: list[Running]
    preparing: int
    durations: dict[Kind, float]
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
        if not self.gpus or not self.durations:
            return [None] * len(self.waiting)
        return list(self._waits())

    def _waits(self) -> Iterator[SecondsRange]:
        free_at = [max(self._duration_s(job) - job.elapsed_s, 0) for job in self.running]
        free_at += [0.0] * (self.gpus - len(free_at))
        heapq.heapify(free_at)
        for job in self.waiting:
            start = heapq.heappop(free_at)
            yield _about(start)
            heapq.heappush(free_at, start + self._duration_s(job))

    def _duration_s(self, job: Kind) -> float:
        """As the middle one of the others takes, where no job of this kind was made lately."""
        kind = Kind(**job.model_dump(include=set(Kind.model_fields)))
        return self.durations.get(kind, statistics.median(self.durations.values()))


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


async def read(connection: Connection) -> Line:
    waiting = [Waiting(**dict(row)) for row in await connection.fetch(WAITING_SQL)]
    [backends] = await connection.fetch(BACKENDS_SQL)
    return Line(
        waiting=in_fair_order(waiting),
        running=[Running(**dict(row)) for row in await connection.fetch(RUNNING_SQL)],
        preparing=await connection.fetchval(PREPARING_SQL),
        durations={
            Kind(
                template_id=row["template_id"],
                quality=row["quality"],
                aspect_ratio=row["aspect_ratio"],
            ): row["seconds"]
            for row in await connection.fetch(DURATIONS_SQL)
        },
        gpus=backends["offered"],
        answering=backends["answering"],
    )
