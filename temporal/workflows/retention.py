from collections.abc import Sequence

from temporalio import workflow

from proto.retention import (
    EXAMPLES,
    SWEEPS,
    BeginRequest,
    Removal,
    RetentionReport,
    RetentionRequest,
    RunRef,
    SweepRequest,
)
from temporal.queues import BEGIN_RETENTION, END_RETENTION, RETENTION, SWEEP_RETENTION
from temporal.workflows.call import call, details

BATCHES_A_RUN = 100
"""After so many the workflow goes on as a new one, so that no history grows long."""


@workflow.defn(name=RETENTION)
class Retention:
    """Remove what is too old and not needed, in batches; or only say what that would be."""

    @workflow.run
    async def run(self, request: RetentionRequest) -> RetentionReport:
        _describe(request, "an earlier run to end")
        begun = request if request.as_of else await self._begin(request)
        ended = await self._sweep(begun)
        if request.dry:
            return RetentionReport.of(ended.removals)
        _describe(ended, "what is stored to be measured")
        return await call(
            END_RETENTION,
            RunRef(run_id=ended.run_id or ""),
            activity_id="end",
            summary="measure what is stored",
        )

    async def _begin(self, request: RetentionRequest) -> RetentionRequest:
        run_id = str(workflow.uuid4())
        begun = await call(
            BEGIN_RETENTION,
            BeginRequest(run_id=run_id, who=request.who, why=request.why, dry=request.dry),
            activity_id="begin",
            summary="wait for its turn",
        )
        return request.model_copy(update={"run_id": run_id, "as_of": begun.as_of})

    async def _sweep(self, state: RetentionRequest) -> RetentionRequest:
        """All rules in turn; what there is to say at their end."""
        batches = 0
        while state.sweep < len(SWEEPS):
            if batches == BATCHES_A_RUN or workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(state)
            state = await self._batch(state, batches)
            batches += 1
        return state

    async def _batch(self, state: RetentionRequest, number: int) -> RetentionRequest:
        rule = SWEEPS[state.sweep]
        if state.run_id is None or state.as_of is None:
            raise RuntimeError("a run sweeps only once it has begun")
        _describe(state, f"batch {number + 1} of {rule}")
        swept = await call(
            SWEEP_RETENTION,
            SweepRequest(
                run_id=state.run_id, as_of=state.as_of, rule=rule, after=state.after, dry=state.dry
            ),
            activity_id=f"{rule}-{number}",
            summary=f"look for {rule}" if state.dry else f"remove {rule}",
        )
        return state.model_copy(
            update={
                "sweep": state.sweep + (swept.after is None),
                "after": swept.after,
                "removals": add_up([*state.removals, *swept.removals]),
            }
        )


def _describe(state: RetentionRequest, waits_for: str) -> None:
    rows = {
        "waits for": waits_for,
        "by": state.who,
        "why": state.why,
        "removes": "nothing, it only looks" if state.dry else "what is too old",
        "as of": str(state.as_of or "not begun"),
        "rules done": f"{state.sweep} of {len(SWEEPS)}",
    }
    workflow.set_current_details(details("What is too old goes", rows))


def add_up(removals: Sequence[Removal]) -> list[Removal]:
    """One for each rule."""
    found: dict[str, Removal] = {}
    for removal in removals:
        before = found.get(removal.rule, Removal(rule=removal.rule))
        found[removal.rule] = Removal(
            rule=removal.rule,
            subjects=before.subjects + removal.subjects,
            objects=before.objects + removal.objects,
            size_bytes=before.size_bytes + removal.size_bytes,
            examples=sorted([*before.examples, *removal.examples])[:EXAMPLES],
        )
    return [found[rule] for rule in sorted(found)]
