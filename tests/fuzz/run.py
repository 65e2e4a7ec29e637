"""Generated requests to every operation, as each role."""

import json
import math
import random
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

from proto.identity import Role
from services.gateway.openapi import TARGET
from services.local.layout import Layout
from tests.fuzz.forms import ask_oddly
from tests.fuzz.tally import NOT_NOW, SERVER_ERROR, Tally
from tests.fuzz.world import Asker, enter, redirected

Say = Callable[[str], None]

ROLES = (Role.CREATOR, Role.OPERATOR)
PHASES = ("examples", "stateful", "fuzzing", "coverage")
REAL = 0.4
"""How often a request names something that exists."""
CHECKS = {
    # A request may fit its form and be impossible: a file of another kind, a name that is taken.
    "positive_data_acceptance": {"enabled": False},
    # /api/jobs/animate is the address of a job, too, if of none that exists.
    "allow_header_conformance": {"enabled": False},
}
SAID_EVERY = 500


def fuzz(layout: Layout, tally: Tally, *, cases: int, seed: int, say: Say) -> None:
    """About so many requests, half of them as each role."""
    document = json.loads(TARGET.read_text(encoding="utf-8"))
    for role in ROLES:
        say(f"as {role}")
        end = tally.cases + cases // len(ROLES)
        asker = enter(layout, role)
        if role is Role.OPERATOR:
            # Operators' operations read no body of anybody else's.
            with httpx.Client(base_url=layout.url, headers=asker.way.headers, timeout=60) as http:
                ask_oddly(http, document, tally)
        _generate(layout, asker, document, tally, _Budget(end - tally.cases, seed, say))
    say(f"answers: {dict(sorted(tally.statuses.items()))}")


class _Budget:
    """How many cases one role has, and how they are drawn."""

    def __init__(self, cases: int, seed: int, say: Say) -> None:
        self.cases = cases
        self.seed = seed
        self.say = say

    def examples(self, operations: int) -> int:
        """Of each operation: a third of all is drawn, the rest walks the edges of the forms."""
        return max(1, math.ceil(self.cases / operations / 3))


def _generate(
    layout: Layout, asker: Asker, document: dict[str, Any], tally: Tally, budget: _Budget
) -> None:
    end, said = tally.cases + budget.cases, tally.cases
    for phase in PHASES:
        schema = _schema(layout, asker, document, budget, phase)
        stream = from_schema(schema).execute()
        for event in stream:
            _note(event, tally)
            if isinstance(event, events.ScenarioFinished) and tally.cases - said >= SAID_EVERY:
                said = tally.cases
                budget.say(f"{phase}: {tally.cases} cases, {tally.undocumented} undocumented")
            if tally.cases >= end:
                stream.stop()


def _schema(
    layout: Layout, asker: Asker, document: dict[str, Any], budget: _Budget, phase: str
) -> BaseSchema:
    paths = list(document["paths"].items())
    # Where the cases end before the operations do, another seed reaches others.
    random.Random(budget.seed).shuffle(paths)  # noqa: S311
    operations = sum(len(methods) for _, methods in paths)
    config = schemathesis.Config.from_dict(
        {
            "seed": budget.seed,
            "base-url": layout.url,
            "headers": asker.way.headers,
            "request-timeout": 30,
            # A stream of events goes on; its opening is what a form can say of it.
            "max-stream-events": 1,
            "continue-on-failure": True,
            "generation": {
                "max-examples": budget.examples(operations),
                "no-shrink": True,
                "database": "none",
            },
            "dictionaries": {name: {"values": values} for name, values in asker.ids.items()},
            "parameters": {name: {"dictionary": name, "probability": REAL} for name in asker.ids},
            "phases": {name: {"enabled": name == phase} for name in PHASES},
            "checks": CHECKS,
        }
    )
    schema = schemathesis.openapi.from_dict(document | {"paths": dict(paths)}, config=config)
    _bound(schema, asker)
    return schema


def _bound(schema: BaseSchema, asker: Asker) -> None:
    """Keep what is sent from doing harm, and what is no fault from being counted."""

    @schema.hook
    def filter_case(_: HookContext, case: Case[Any]) -> bool:
        return asker.may_send(case)

    @schema.hook
    def map_case(_: HookContext, case: Case[Any]) -> Case[Any]:
        return redirected(case)

    @schema.hook
    def filter_failure(
        _: HookContext, failure: Failure, case: Case[Any], response: Response
    ) -> bool:
        # Any request may have headers that its operation does not name, and what is posted to the
        # address of a file is taken for a file of an unknown kind.
        unnamed = "in header - object with unexpected properties" in failure.message
        posted = case.path == "/api/assets/{asset_id}" and "method POST" in failure.message
        return not (unnamed or posted)


def _note(event: events.EngineEvent, tally: Tally) -> None:
    if isinstance(event, events.ScenarioFinished):
        _count(event.recorder, tally)
    elif isinstance(event, events.NonFatalError):
        tally.not_asked(event.label, str(event.value))
    elif isinstance(event, events.FatalError):
        raise event.exception


def _count(recorder: ScenarioRecorder, tally: Tally) -> None:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is None:
            tally.found(f"{recorder.label}: no answer", str(interaction.request), server_error=True)
            continue
        status = interaction.response.status_code
        tally.answered(status)
        for what, example in _failures(recorder, case_id):
            tally.found(what, example, server_error=_is_our_fault(status))


def _is_our_fault(status: int) -> bool:
    return status >= SERVER_ERROR and status != NOT_NOW


def _failures(recorder: ScenarioRecorder, case_id: str) -> Iterable[tuple[str, str]]:
    for check in recorder.checks.get(case_id, ()):
        if check.failure_info is not None:
            failure = check.failure_info.failure
            where = recorder.cases[case_id].value.operation.label
            said = " ".join(failure.message.split())[:500]
            yield f"{where}: {failure.title}", f"{said}\n    {check.failure_info.code_sample[:800]}"
