from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

from proto.webhook import DeliveryStep, WebhookRef
from temporal.queues import DELIVER_WEBHOOK, DELIVER_WEBHOOKS, WEBHOOK_WOKEN
from temporal.workflows.call import call, details

STEPS_A_RUN = 200
"""About 2,500 events of history; a new run goes on where this one ends."""


@workflow.defn(name=DELIVER_WEBHOOKS)
class DeliverWebhooks:
    """Tell one address what waits for it, one message after the other, until nothing waits."""

    def __init__(self) -> None:
        self._woken = False

    @workflow.run
    async def run(self, webhook: WebhookRef) -> None:
        for _ in range(STEPS_A_RUN):
            self._woken = False
            step = await call(
                DELIVER_WEBHOOK, webhook, activity_id="deliver", summary="the first that waits"
            )
            self._describe(webhook, step)
            if step.wait_s is None and not self._woken:
                return
            if step.wait_s:
                await self._wait(step.wait_s)
        workflow.continue_as_new(webhook)

    async def _wait(self, seconds: float) -> None:
        """Until the next try is due, or something has changed."""
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._woken,
                timeout=timedelta(seconds=seconds),
                timeout_summary="until the next try",
            )

    def _describe(self, webhook: WebhookRef, step: DeliveryStep) -> None:
        rows = {"said": step.said}
        if step.wait_s:
            rows["waits for"] = f"the next try, {step.wait_s:.0f} s later"
        workflow.set_current_details(details(f"Webhook {webhook.webhook_id}", rows))

    @workflow.signal(name=WEBHOOK_WOKEN)
    def woken(self) -> None:
        """Something new waits, or what waits may be tried at once."""
        self._woken = True
