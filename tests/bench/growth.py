"""What a video leaves behind: rows, workflow history, objects."""

from typing import Any

import asyncpg

from services.local.children import settings_of
from services.store.database import Connection
from services.store.objects import open_object_store
from temporal.client import connect, workflow_id
from tests.bench.stacks import Bench, open_bench
from tests.media_factory import make_clip

SHORT_S, LONG_S = 2.0, 18.3
LONG_PATIENCE_S = 300.0

TABLES = """
SELECT table_name FROM information_schema.columns
WHERE column_name = 'job_id' AND table_schema = 'public' AND table_name IN (
    SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'
)
"""


async def measure() -> dict[str, Any]:
    """Of a draft of one segment and of one of several, and of each further segment."""
    async with open_bench(backends=1, render_s=2) as bench:
        short = await _leaves(bench, SHORT_S)
        long = await _leaves(bench, LONG_S)
    further = long["segments"] - short["segments"]
    return {
        "one_segment": short,
        "several_segments": long,
        "each_further_segment": {
            name: round((long[name] - short[name]) / further, 1)
            for name in short
            if name != "segments"
        },
    }


async def _leaves(bench: Bench, seconds: float) -> dict[str, float]:
    body = await bench.sample()
    clip = make_clip(bench.layout.data / f"{seconds}.mp4", seconds=seconds, size=(320, 240))
    body["motion_video_asset_id"] = (await bench.studio.upload("video", clip))["asset_id"]
    job_id = (await bench.studio.create("animate", body))["job_id"]
    job = await bench.studio.until_ended(job_id, within_s=LONG_PATIENCE_S)
    if job["status"] != "completed":
        raise RuntimeError(f"the job {job['status']}")
    connection = await asyncpg.connect(bench.layout.database_url)
    try:
        rows = await _rows(connection, job_id)
    finally:
        await connection.close()
    segments = {"segments": float(job["segment_count"])}
    return segments | rows | await _history(bench, job_id) | await _objects(bench, job_id)


async def _rows(connection: Connection, job_id: str) -> dict[str, float]:
    """Without what indexes take, which is about as much again."""
    count = size = 0
    for table in await connection.fetch(TABLES):
        name = table["table_name"]
        [row] = await connection.fetch(
            f"SELECT count(*), COALESCE(sum(pg_column_size({name}.*)), 0) AS size"  # noqa: S608
            f" FROM {name} WHERE job_id = $1",
            job_id,
        )
        count, size = count + row["count"], size + row["size"]
    return {"rows": count, "row_kb": round(size / 1e3, 1)}


async def _history(bench: Bench, job_id: str) -> dict[str, float]:
    temporal = await connect(settings_of(bench.layout), identity="bench")
    described = await temporal.get_workflow_handle(workflow_id(job_id)).describe()
    info = described.raw_description.workflow_execution_info
    return {
        "history_events": info.history_length,
        "history_kb": round(info.history_size_bytes / 1e3, 1),
    }


async def _objects(bench: Bench, job_id: str) -> dict[str, float]:
    async with open_object_store(settings_of(bench.layout)) as objects:
        page = await objects.client.list_objects_v2(Bucket=objects.bucket, Prefix=f"jobs/{job_id}/")
    sizes = [stored["Size"] for stored in page["Contents"]]
    return {"objects": len(sizes), "object_mb": round(sum(sizes) / 1e6, 2)}
