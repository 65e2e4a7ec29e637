"""Odd and hostile files through the real API: `python -m tests.corpus --seed S`.

Says what is wrong on standard error. The last line of standard output is one JSON object; the exit
code is 0 only if every file had its verdict and nothing crashed, leaked or was left over.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from services.local.children import settings_of
from services.local.layout import make_layout
from services.store.objects import open_object_store
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.corpus.case import Case
from tests.corpus.catalogue import all_cases, sample
from tests.corpus.kitchen import FfmpegMissing, require_ffmpeg
from tests.corpus.run import run, worth_a_job
from tests.corpus.tally import Tally
from tests.integration.local import Local
from tests.studio import Studio

STEP_S = "0.005"
CLIENT_S = 180


def main() -> int:
    given = _arguments()
    try:
        require_ffmpeg()
    except FfmpegMissing as error:
        _say(str(error))
        return 1
    cases = [case for case in all_cases(given.seed) if given.only in case.name]
    cases = sample(cases, given.sample) if given.sample else cases
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="animatrix-corpus-"))
    summary, told = asyncio.run(_run(cases, given, folder))
    for line in told:
        _say(line)
    if told:
        _say(f"data and logs are kept in {folder}")
    else:
        shutil.rmtree(folder)
    summary |= {"seed": given.seed, "wall_s": round(time.monotonic() - began, 1)}
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if told else 0


async def _run(
    cases: list[Case], given: argparse.Namespace, folder: Path
) -> tuple[dict[str, Any], list[str]]:
    """The summary, and what is wrong."""
    local = Local(folder / "stack", free_base_port(), STEP_S)
    server_errors: list[str] = []

    async def look(answer: httpx.Response) -> None:
        if answer.status_code >= 500:
            server_errors.append(f"{answer.request.url.path} answered {answer.status_code}")

    await local.start()
    try:
        servers = local.servers()
        tally = await _tally(local, cases, given, look)
        crashed = [f"server {server.pid} ended" for server in servers if not server.is_running()]
    finally:
        await local.stop()
    told = [*tally.told, *server_errors, *crashed]
    return _summary(tally) | {"crashes": len(crashed), "server_errors": len(server_errors)}, told


async def _tally(local: Local, cases: list[Case], given: argparse.Namespace, look: Any) -> Tally:
    layout = make_layout(local.data, local.base_port, [], 0)
    hooks = {"response": [look]}
    async with (
        signed_in(layout, timeout=CLIENT_S, event_hooks=hooks) as http,
        open_object_store(settings_of(layout)) as objects,
    ):
        rendered = set() if given.no_render else worth_a_job(cases)
        return await run(Studio(http), objects, local.data.parent, cases, given.seed, rendered)


def _summary(tally: Tally) -> dict[str, Any]:
    times = tally.verdict_ms
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else max(times, default=0.0)
    return {
        "files": len(times),
        "wrong": tally.wrong_files,
        "crashes": 0,
        "server_errors": 0,
        "verdict_ms_p95": round(p95, 1),
        "accepted": len(tally.accepted),
        "refused": tally.refused,
        "rendered": tally.rendered,
        "stray": len(tally.stray),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="cases that have this in their name")
    parser.add_argument("--sample", type=int, default=0, help="so many, evenly over all")
    parser.add_argument("--no-render", action="store_true", help="verdicts only")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
