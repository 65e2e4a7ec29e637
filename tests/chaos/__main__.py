"""Random jobs under random faults: `python -m tests.chaos --runs N --seed S`.

Says what it does on standard error. The last line of standard output is one JSON object; the exit
code is 0 only if nothing was lost, done twice, missed, wrongly cancelled or left over.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.audit import audit
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import Evidence
from tests.chaos.report import describe_costs, describe_recoveries, report
from tests.chaos.rig import StackEnded
from tests.chaos.run import Settings, run
from tests.chaos.scripts import SCRIPTS


def main() -> int:
    given = _arguments()
    folder = Path(given.data or tempfile.mkdtemp(prefix="animatrix-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    evidence, findings = _run(_settings(given), folder, began)
    told = [*describe_recoveries(evidence), *describe_costs(evidence), *map(str, findings)]
    for line in told:
        _say(line)
    summary = {
        "runs": given.runs,
        **report(evidence, findings),
        "seed": given.seed,
        "segments": given.segments,
        "wall_s": round(time.monotonic() - began, 1),
    }
    if findings or given.keep:
        _say(f"data and logs are kept in {folder}")
    else:
        shutil.rmtree(folder)
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if findings else 0


def _run(settings: Settings, folder: Path, began: float) -> tuple[Evidence, list[Finding]]:
    def say(line: str) -> None:
        _say(f"{time.monotonic() - began:6.1f} s  {line}")

    ended = ""
    try:
        evidence = asyncio.run(run(settings, folder, say))
    except* StackEnded as group:
        ended = str(_first(group))
    if ended:
        return Evidence(), [Finding(Kind.LOST, f"the stack ended: {ended}")]
    return evidence, audit(evidence)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="jobs to ask for")
    parser.add_argument("--segments", type=int, default=1, help="that long jobs need")
    parser.add_argument("--long-every", type=int, default=2, help="each so many-th job is long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backends", type=int, default=2, help="stand-ins for ComfyUI")
    parser.add_argument("--step-seconds", type=float, default=0.15, help="of a sampling step")
    parser.add_argument("--at-once", type=int, default=12, help="jobs alive at a time")
    parser.add_argument("--gap", type=float, default=2.5, help="mean seconds between faults")
    parser.add_argument("--longest-stop", type=float, default=20.0, help="seconds")
    parser.add_argument("--scripts", default=",".join(SCRIPTS), help="faults of the stand-ins")
    parser.add_argument("--only", default="", help="hurt targets that have this in their name")
    parser.add_argument("--limit", type=float, help="seconds until the faults stop in any case")
    parser.add_argument("--patience", type=float, default=180.0, help="seconds of standstill")
    parser.add_argument("--slots-within", type=float, default=70.0, help="seconds")
    parser.add_argument("--data", help="a folder to run in")
    parser.add_argument("--keep", action="store_true", help="keep the folder in any case")
    return parser.parse_args()


def _settings(given: argparse.Namespace) -> Settings:
    return Settings(
        runs=given.runs,
        segments=given.segments,
        long_every=given.long_every,
        seed=given.seed,
        backends=given.backends,
        step_seconds=given.step_seconds,
        at_once=given.at_once,
        gap_s=given.gap,
        longest_stop_s=given.longest_stop,
        scripts=[name for name in given.scripts.split(",") if name],
        only=given.only,
        limit_s=given.limit or 300 + 15 * given.runs,
        patience_s=given.patience,
        slots_within_s=given.slots_within,
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
