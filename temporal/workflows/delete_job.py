from datetime import timedelta

from temporalio import workflow

from proto.job import Deletion
from temporal.queues import DELETE_JOB, PURGE_JOB, RESTORED
from temporal.workflows.call import call, details


@workflow.defn(name=DELETE_JOB)
class DeleteJob:
    """Delete a job for good, once its owner can't take that back any more."""

    def __init__(self) -> None:
        self._restored = 0

    @workflow.run
    async def run(self, deletion: Deletion) -> None:
        self._describe(deletion, "its owner, who can take it back")
        try:
            await workflow.wait_condition(
                lambda: self._restored == deletion.number,
                timeout=timedelta(seconds=deletion.undo_s),
                timeout_summary="can be taken back",
            )
        except TimeoutError:
            self._describe(deletion, "its files and rows to go")
            await call(PURGE_JOB, deletion, activity_id="purge", summary="files and rows")

    def _describe(self, deletion: Deletion, waits_for: str) -> None:
        rows = {"waits for": waits_for, "deletion": str(deletion.number)}
        workflow.set_current_details(details(f"Deletion of job {deletion.job_id}", rows))

    @workflow.signal(name=RESTORED)
    def restored(self, number: int) -> None:
        """number: of the deletion that was taken back; one signal may come late, to the next."""
        self._restored = number
