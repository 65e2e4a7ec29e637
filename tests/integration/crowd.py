"""Orders of many owners, who all wait for the same GPUs."""

from typing import Any

from proto.ids import new_id
from proto.job import AnimateRequest
from services.store import jobs
from services.store.database import Connection, Pool
from services.store.jobs import NewJob
from tests.studio import eventually
from workflows_comfy.catalog import active_template
from workflows_comfy.profiles import load_profiles

LEND = """
INSERT INTO assets (asset_id, owner, kind, state, original_filename, original_key, size_bytes,
    sha256, facts, thumbnail_key, proxy_key, warnings)
SELECT $1, $2, kind, state, original_filename, original_key, size_bytes, sha256, facts,
    thumbnail_key, proxy_key, warnings
FROM assets WHERE asset_id = $3
"""
WEIGH = """
INSERT INTO owners (owner, weight) VALUES ($1, $2)
ON CONFLICT (owner) DO UPDATE SET weight = EXCLUDED.weight
"""
STARTED = """
SELECT job_id FROM events WHERE type = 'executing' AND job_id = ANY ($1::text[])
ORDER BY created_at
"""
STATES = "SELECT status, count(*) FROM jobs WHERE job_id = ANY ($1::text[]) GROUP BY status"


class Crowd:
    """Orders made as the gateway makes them."""

    def __init__(self, pool: Pool, body: dict[str, Any]) -> None:
        self._pool = pool
        self._body = body
        self.jobs: dict[str, str] = {}

    async def order(self, owner: str, *, priority: int = 3, weight: float = 1.0) -> str:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(WEIGH, owner, weight)
            files = {
                field: await self._lend(connection, owner, self._body[field])
                for field in ("ground_truth_asset_id", "motion_video_asset_id")
            }
            request = AnimateRequest.model_validate(
                {**self._body, **files, "duration_override_seconds": 0.4, "priority": priority}
            )
            job = NewJob(
                job_id=new_id(),
                owner=owner,
                template=active_template(request.mode, request.animate_submode).ref,
                request=request,
                settings=load_profiles().settings_for(request),
                seed=len(self.jobs),
                asset_ids=list(files.values()),
                frame_count=6,
                segment_count=1,
            )
            await jobs.insert(connection, job)
        self.jobs[job.job_id] = owner
        return job.job_id

    async def until_all(self, status: str) -> None:
        async def are() -> bool:
            states = await self._pool.fetch(STATES, list(self.jobs))
            return [row["status"] for row in states] == [status]

        await eventually(are)

    async def starts(self) -> list[str]:
        """The job ids, as their renders began."""
        return [row["job_id"] for row in await self._pool.fetch(STARTED, list(self.jobs))]

    async def _lend(self, connection: Connection, owner: str, asset_id: str) -> str:
        lent = new_id()
        await connection.execute(LEND, lent, owner, asset_id)
        return lent
