from temporalio import workflow

from proto.render import CancelOutcome, PromptRef
from temporal.queues import WITHDRAW, WITHDRAW_PROMPT
from temporal.workflows.call import call


@workflow.defn(name=WITHDRAW_PROMPT)
class WithdrawPrompt:
    """Take a prompt back that nobody waits for any more, however long its backend is away."""

    @workflow.run
    async def run(self, prompt: PromptRef) -> CancelOutcome:
        return await call(
            WITHDRAW, prompt, activity_id="withdraw", summary=f"from {prompt.backend_id}"
        )
