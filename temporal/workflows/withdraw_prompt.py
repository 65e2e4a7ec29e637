from temporalio import workflow

from proto.render import CancelOutcome, PromptRef
from temporal.queues import WITHDRAW, WITHDRAW_PROMPT
from temporal.workflows.call import call, details


@workflow.defn(name=WITHDRAW_PROMPT)
class WithdrawPrompt:
    """Take a prompt back that nobody waits for any more, however long its backend is away."""

    @workflow.run
    async def run(self, prompt: PromptRef) -> CancelOutcome:
        rows = {
            "waits for": f"{prompt.backend_id} to answer and drop it",
            "job": prompt.job_id,
            "segment": str(prompt.segment + 1),
            "backend": prompt.backend_id,
        }
        workflow.set_current_details(details(f"Prompt {prompt.prompt_id} is taken back", rows))
        return await call(
            WITHDRAW, prompt, activity_id="withdraw", summary=f"from {prompt.backend_id}"
        )
