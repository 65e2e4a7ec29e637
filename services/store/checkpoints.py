"""What prompts left that is stored and whole: the places a job can go on from."""

from datetime import datetime
from typing import Any, Self

from pydantic import TypeAdapter

from proto.job import SecondsRange
from proto.look import Drift, Look
from proto.media import StoredFile
from proto.model import Model
from proto.plan import OutputKind, RenderSettings
from proto.render import Checkpoint, PromptOutcome, Submitted
from services.store import jsonb
from services.store.database import Connection, Row


class Alike(Model):
    """What segments have in common whose frames take about the same time."""

    template_id: str
    size: str
    steps: int

    @classmethod
    def of(cls, template_id: str, settings: RenderSettings) -> Self:
        size = f"{settings.width}x{settings.height}"
        return cls(template_id=template_id, size=size, steps=settings.steps)


class CheckpointRow(Model):
    """generation: the attempt that made it. length: frames the model made for it.

    taken_from: the job that made it, where another one started from there.
    """

    job_id: str
    segment: int
    generation: int
    prompt_id: str
    backend_id: str
    template_id: str
    size: str
    steps: int
    length: int
    seed: int
    frames: int
    files: dict[OutputKind, StoredFile]
    submitted: Submitted
    outcome: PromptOutcome
    render_s: float | None
    look: Look | None
    drift: Drift | None
    taken_from: str | None = None
    created_at: datetime | None = None

    def checkpoint(self, *, drifted: bool = False) -> Checkpoint:
        return Checkpoint(
            segment=self.segment,
            generation=self.generation,
            frames=self.frames,
            files=self.files,
            drifted=drifted,
        )


JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {
    "files": TypeAdapter(dict[OutputKind, StoredFile]),
    "submitted": TypeAdapter(Submitted),
    "outcome": TypeAdapter(PromptOutcome),
    "look": TypeAdapter(Look),
    "drift": TypeAdapter(Drift),
}

UPSERT = """
INSERT INTO checkpoints
    (job_id, segment, generation, prompt_id, backend_id, template_id, size, steps, length, seed,
     frames, files, submitted, outcome, render_s, look, drift)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (job_id, segment, generation) DO UPDATE SET files = excluded.files
"""


async def put(connection: Connection, row: CheckpointRow) -> None:
    """Keep it. The same attempt stored twice is one."""
    await connection.execute(
        UPSERT,
        row.job_id,
        row.segment,
        row.generation,
        row.prompt_id,
        row.backend_id,
        row.template_id,
        row.size,
        row.steps,
        row.length,
        row.seed,
        row.frames,
        JSON_COLUMNS["files"].dump_json(row.files).decode(),
        row.submitted.model_dump_json(),
        row.outcome.model_dump_json(),
        row.render_s,
        jsonb.dump(row.look),
        jsonb.dump(row.drift),
    )


OF_JOB = """
SELECT DISTINCT ON (segment) * FROM checkpoints
WHERE job_id = $1 AND lost_at IS NULL ORDER BY segment, generation DESC
"""
GENERATIONS = """
SELECT segment, max(generation) + 1 AS next FROM (
    SELECT segment, generation FROM prompts WHERE job_id = $1
    UNION ALL SELECT segment, generation FROM checkpoints WHERE job_id = $1
) AS tried GROUP BY segment
"""


async def list_of_job(connection: Connection, job_id: str) -> list[CheckpointRow]:
    """The newest whole one of each segment, in order; the preparation's first."""
    return [_checkpoint(row) for row in await connection.fetch(OF_JOB, job_id)]


async def next_generations(connection: Connection, job_id: str) -> dict[int, int]:
    """For each segment that was tried, the generation that was never used."""
    rows = await connection.fetch(GENERATIONS, job_id)
    return {row["segment"]: row["next"] for row in rows}


LOSE = """
UPDATE checkpoints SET lost_at = clock_timestamp()
WHERE job_id = $1 AND segment = $2 AND lost_at IS NULL
"""
TAKE_OVER = """
INSERT INTO checkpoints
    (job_id, segment, generation, prompt_id, backend_id, template_id, size, steps, length, seed,
     frames, files, submitted, outcome, render_s, look, drift, taken_from, created_at)
SELECT DISTINCT ON (segment)
    $2, segment, generation, prompt_id, backend_id, template_id, size, steps, length, seed,
    frames, files, submitted, outcome, render_s, look, drift, COALESCE(taken_from, job_id),
    created_at
FROM checkpoints WHERE job_id = $1 AND segment < $3 AND lost_at IS NULL
ORDER BY segment, generation DESC
"""


async def lose(connection: Connection, job_id: str, segment: int) -> None:
    """Note that the segment's files are missing or damaged."""
    await connection.execute(LOSE, job_id, segment)


async def take_over(connection: Connection, source: str, job_id: str, before: int) -> None:
    """Give a job what another one has made before a segment."""
    await connection.execute(TAKE_OVER, source, job_id, before)


# A backend's own segments tell most; those of others are better than nothing.
PACE = """
SELECT percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY render_s / length) FROM (
    SELECT render_s, length FROM checkpoints
    WHERE template_id = $1 AND size = $2 AND steps = $3 AND segment >= 0
      AND render_s IS NOT NULL AND taken_from IS NULL
      AND ($4::text IS NULL OR backend_id = $4)
    ORDER BY created_at DESC LIMIT 20
) AS recent
"""


class Pace(Model):
    """Seconds of rendering for each frame, as the faster and the slower ones took lately."""

    low: float
    high: float

    def seconds(self, frames: int) -> SecondsRange:
        return SecondsRange(low=int(self.low * frames), high=int(self.high * frames) + 1)


async def find_pace(
    connection: Connection, alike: Alike, backend_id: str | None = None
) -> Pace | None:
    """None before the first such segment."""
    for place in dict.fromkeys((backend_id, None)):
        spread: list[float] | None = await connection.fetchval(
            PACE, alike.template_id, alike.size, alike.steps, place
        )
        if spread is not None:
            return Pace(low=spread[0], high=spread[1])
    return None


# What owners have had of the GPUs lately, by which those who wait for their turn are compared.
SERVED = """
SELECT sum(render_s) FROM checkpoints JOIN jobs USING (job_id)
WHERE owner = $1 AND taken_from IS NULL
  AND checkpoints.created_at > clock_timestamp() - make_interval(secs => $2)
"""


async def served_s(connection: Connection, owner: str, within_s: float) -> float:
    """Seconds of rendering the owner had in the last `within_s`."""
    seconds: float | None = await connection.fetchval(SERVED, owner, within_s)
    return seconds or 0.0


def _checkpoint(row: Row) -> CheckpointRow:
    return CheckpointRow.model_validate(jsonb.load_row(row, JSON_COLUMNS))
