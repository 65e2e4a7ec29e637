"""Lists and searches at a million jobs, against the same at a thousand."""

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from services.store.database import Connection
from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench
from tests.studio import eventually

FEW, MANY = 1_000, 1_000_000
RUNS = 25
WARM = 5
GOAL = 1.5
SHARE = 10
"""Every tenth job is the caller's own."""
RARE_EVERY = FEW // 5
BATCH = 50_000

QUIET_WITHIN_S = 300.0

BUSY = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
# A copy of a real, finished job: another id, owner, time and prompt.
COPY_JOBS = """
INSERT INTO jobs ({columns})
SELECT {values} FROM jobs, generate_series($2::bigint, $3::bigint) AS n WHERE jobs.job_id = $1
"""
CHANGED = {
    "job_id": "'bench-' || lpad(n::text, 12, '0')",
    "owner": f"CASE WHEN n % {SHARE} = 0 THEN 'local' ELSE 'owner-' || n % 997 END",
    "created_at": "created_at - n * interval '1 second'",
    "updated_at": "updated_at - n * interval '1 second'",
    "ended_at": "ended_at - n * interval '1 second'",
    "status": "CASE WHEN n % 7 = 0 THEN 'failed' ELSE 'completed' END",
}
COPY_TEXTS = f"""
INSERT INTO job_texts (job_id, owner, created_at, text)
SELECT job_id, owner, created_at, CASE
    WHEN n > {FEW} OR n % {RARE_EVERY} <> 0 THEN 'she dances in the rain, take ' || n % 1000
    ELSE 'a zeppelin waves from afar' END
FROM generate_series($1::bigint, $2::bigint) AS n
JOIN jobs ON job_id = 'bench-' || lpad(n::text, 12, '0')
"""  # noqa: S608
COPY_PROMPTS = """
INSERT INTO prompts (prompt_id, job_id, segment, generation, backend_id, settled_at, created_at)
SELECT 'prompt-' || n, 'bench-' || lpad(n::text, 12, '0'), 0, 0, 'bench-' || n % 50, now(), now()
FROM generate_series($1::bigint, $2::bigint) AS n
"""

ASKED = {
    "own_first_page": "/api/jobs?limit=24",
    "own_hundredth_row": "/api/jobs?limit=24&after={cursor}",
    "own_failed": "/api/jobs?limit=24&status=failed&mode=animate",
    "own_rare_word": "/api/jobs?limit=24&search=zeppelin",
    "own_frequent_word": "/api/jobs?limit=24&search=dances",
    "operators_first_page": "/api/admin/jobs?limit=24",
    "operators_rare_word": "/api/admin/jobs?limit=24&search=zeppelin",
    "operators_frequent_word": "/api/admin/jobs?limit=24&search=dances",
    "operators_two_words": "/api/admin/jobs?limit=24&search=dances%20rain",
    "operators_one_owner": "/api/admin/jobs?limit=24&owner=owner-77",
    "operators_id_begins": "/api/admin/jobs?limit=24&job_id_prefix=bench-0000000005",
    "operators_prompt": "/api/admin/jobs?limit=24&prompt_id=prompt-500",
}
"""By what is asked for; each has something to find at both sizes."""


async def measure() -> dict[str, Ratio]:
    async with open_bench(backends=1, render_s=1) as bench, _filling(bench) as fill:
        await fill(1, FEW)
        few = await _ask_all(bench)
        await fill(FEW + 1, MANY)
        many = await _ask_all(bench)
    return {
        f"list_{name}_1m_vs_1000_jobs": Ratio(many[name], few[name], goal=GOAL, runs=RUNS)
        for name in ASKED
    }


@asynccontextmanager
async def _filling(bench: Bench) -> AsyncIterator[Any]:
    body = await bench.sample(duration_override_seconds=0.5)
    job = await bench.studio.create("animate", body)
    job = await bench.studio.until(job["job_id"], "completed")
    connection = await asyncpg.connect(bench.layout.database_url)
    # Only what can be lost: this fills faster.
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")

    async def fill(start: int, end: int) -> None:
        for first in range(start, end + 1, BATCH):
            await _copy(connection, job["job_id"], first, min(first + BATCH - 1, end))
        await connection.execute("VACUUM (FREEZE, ANALYZE)")
        await connection.execute("CHECKPOINT")
        # What so many new rows start in the background is no part of an answer.
        await eventually(lambda: _is_quiet(connection), within_s=QUIET_WITHIN_S)

    yield fill
    await connection.close()


async def _is_quiet(connection: Connection) -> bool:
    busy: int = await connection.fetchval(BUSY)
    return busy == 0


async def _copy(connection: Connection, job_id: str, first: int, last: int) -> None:
    names = [row["column_name"] for row in await connection.fetch(COLUMNS, "jobs")]
    values = [CHANGED.get(name, f"jobs.{name}") for name in names]
    statement = COPY_JOBS.format(columns=", ".join(names), values=", ".join(values))
    await connection.execute(statement, job_id, first, last)
    await connection.execute(COPY_TEXTS, first, last)
    await connection.execute(COPY_PROMPTS, first, last)


async def _ask_all(bench: Bench) -> dict[str, float]:
    """Median seconds of each answer, through the ingress and the gateway."""
    page = await bench.studio.fetch_json("/api/jobs?limit=96")
    cursor = page["next_cursor"]
    return {name: await _ask(bench, path.format(cursor=cursor)) for name, path in ASKED.items()}


async def _ask(bench: Bench, path: str) -> float:
    found = await bench.studio.fetch_json(path)
    if not found["items"]:
        raise LookupError(f"nothing at {path}")
    for _ in range(WARM):
        await bench.studio.fetch(path)
    seconds = []
    for _ in range(RUNS):
        began = time.monotonic()
        await bench.studio.fetch(path)
        seconds.append(time.monotonic() - began)
    return statistics.median(seconds)
