"""The whole API with generated data: `python -m tests.fuzz --cases N --seed S`.

Says how far it is and what is wrong on standard error. The last line of standard output is one JSON
object; the exit code is 0 only if no answer was a server error and none differed from the
description.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import httpx

from services.local.layout import Layout
from tests.conftest import free_base_port
from tests.fuzz.run import fuzz
from tests.fuzz.tally import Tally
from tests.integration.local import Local

STEP_S = "0.005"


def main() -> int:
    given = _arguments()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="animatrix-fuzz-"))
    tally = asyncio.run(_run(given, folder))
    for line in tally.told():
        say(line)
    if tally.is_clean:
        shutil.rmtree(folder)
    else:
        say(f"data and logs are kept in {folder}")
    seconds = round(time.monotonic() - began, 1)
    sys.stdout.write(json.dumps(tally.summary() | {"seed": given.seed, "seconds": seconds}) + "\n")
    return 0 if tally.is_clean else 1


async def _run(given: argparse.Namespace, folder: Path) -> Tally:
    local = Local(folder / "stack", free_base_port(), STEP_S)
    await local.start()
    try:
        return await asyncio.to_thread(_fuzz, local.layout, given)
    finally:
        await local.stop()


def _fuzz(layout: Layout, given: argparse.Namespace) -> Tally:
    tally = Tally()
    try:
        fuzz(layout, tally, cases=given.cases, seed=given.seed, say=say)
    except httpx.HTTPError as error:
        tally.found("the studio stopped answering", repr(error), server_error=True)
    return tally


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=4000, help="about so many requests")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
