"""A great many finished videos, without making each."""

from proto.ids import new_id
from services.store import jobs
from services.store.database import Pool
from services.store.jobs import NewJob

END = """
UPDATE jobs SET status = 'completed', stage = 'finishing', progress = 1, rev = rev + 1,
    render_started_at = created_at, ended_at = clock_timestamp()
WHERE job_id = $1
"""
COPY_OUTPUT = """
INSERT INTO outputs
    (output_id, job_id, duration_s, width, height, fps, frame_count, has_audio, simulated, files)
SELECT $1, $1, duration_s, width, height, fps, frame_count, has_audio, simulated, files
FROM outputs WHERE job_id = $2
"""


async def fill_album(pool: Pool, owner: str, model: str, count: int) -> None:
    """Give someone `count` finished videos that look like the finished job `model`."""
    async with pool.acquire() as connection, connection.transaction():
        template = await jobs.get(connection, model)
        for number in range(count):
            job = NewJob(
                job_id=new_id(),
                owner=owner,
                template=template.template,
                request=template.request.model_copy(update={"prompt": f"Take {number}"}),
                settings=template.settings,
                seed=number,
                asset_ids=[],
                frame_count=template.frame_count,
                segment_count=1,
            )
            await jobs.insert(connection, job)
            await connection.execute(END, job.job_id)
            await connection.execute(COPY_OUTPUT, job.job_id, model)
