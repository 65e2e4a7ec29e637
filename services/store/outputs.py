from datetime import datetime
from fractions import Fraction
from typing import Any

from pydantic import TypeAdapter

from proto.job import OutputName
from proto.media import StoredFile
from proto.model import Model
from services.store import jsonb
from services.store.database import Connection, Row


class OutputRow(Model):
    output_id: str
    job_id: str
    duration_s: float
    width: int
    height: int
    fps: Fraction
    frame_count: int
    has_audio: bool
    simulated: bool
    stopped_early: bool
    files: dict[OutputName, StoredFile]
    created_at: datetime


FILES = TypeAdapter(dict[OutputName, StoredFile])
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {"files": FILES}

UPSERT = """
INSERT INTO outputs
    (output_id, job_id, duration_s, width, height, fps, frame_count, has_audio, simulated,
     stopped_early, files)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (job_id) DO UPDATE SET
    duration_s = excluded.duration_s, width = excluded.width, height = excluded.height,
    fps = excluded.fps, frame_count = excluded.frame_count, has_audio = excluded.has_audio,
    simulated = excluded.simulated, stopped_early = excluded.stopped_early, files = excluded.files
"""


async def upsert(connection: Connection, output: OutputRow) -> None:
    await connection.execute(
        UPSERT,
        output.output_id,
        output.job_id,
        output.duration_s,
        output.width,
        output.height,
        str(output.fps),
        output.frame_count,
        output.has_audio,
        output.simulated,
        output.stopped_early,
        FILES.dump_json(output.files).decode(),
    )


OF_JOBS = "SELECT * FROM outputs WHERE job_id = ANY($1)"


async def find_of_jobs(connection: Connection, job_ids: list[str]) -> dict[str, OutputRow]:
    rows = await connection.fetch(OF_JOBS, job_ids)
    return {row["job_id"]: _output(row) for row in rows}


def _output(row: Row) -> OutputRow:
    return OutputRow.model_validate(jsonb.load_row(row, JSON_COLUMNS))
