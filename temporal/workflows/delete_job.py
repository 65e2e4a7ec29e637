from datetime import timedelta

from temporalio import workflow

from proto.job import Deletion
from temporal.queues import DELETE_JOB, PURGE_JOB, RESTORED
from temporal.workflows.call import call


@workflow.defn(name=DELETE_JOB)
class DeleteJob:
    """Delete a job for good, once its owner can't take that back any more."""

    def __init__(self) -> None:
        self._restored = 0

    @workflow.run
    async def run(self, deletion: Deletion) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._restored == deletion.number,
                timeout=timedelta(seconds=deletion.undo_s),
                timeout_summary="can be taken back",
            )
        except TimeoutError:
            await call(PURGE_JOB, deletion, activity_id="purge", summary="files and rows")

    @workflow.signal(name=RESTORED)
    def restored(self, number: int) -> None:
        """number: of the deletion that was taken back; one signal may come late, to the next."""
        self._restored = number
