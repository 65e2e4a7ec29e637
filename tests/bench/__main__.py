"""Measures the product against named baselines in one run: `make bench`.

Writes `results.json` beside this file; the documents quote it. Names of parts as arguments measure
only these, and leave what was found of the others.
"""

import argparse
import asyncio
import sys
from typing import Any

from tests.bench import (
    accepting,
    day,
    gpu_share,
    growth,
    joining,
    lists,
    long_video,
    one_job,
    page,
    reattach,
    recovery,
    results,
    shaping,
    transfer,
    uploads,
    viewers,
    watching,
)

RATIOS = {
    "one_job": one_job,
    "long_video": long_video,
    "gpu_share": gpu_share,
    "accepting": accepting,
    "viewers": viewers,
    "lists": lists,
    "transfer": transfer,
    "day": day,
    "shaping": shaping,
}
FACTS = {
    "recovery": recovery,
    "growth": growth,
    "joining": joining,
    "uploads": uploads,
    "reattach_after_kill": reattach,
    "watching": watching,
    "page": page,
}


async def measure(names: list[str]) -> None:
    """Each part is written down when it is done: a later one that fails takes none with it."""
    for name in names:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        measured = await _measure(name)
        found = results.read()
        found["machine"] = results.machine()
        found["ratios"] |= measured.pop("ratios", {})
        results.write(found | measured)


async def _measure(name: str) -> dict[str, Any]:
    if name in FACTS:
        return {name: await FACTS[name].measure()}
    ratios = await RATIOS[name].measure()
    return {"ratios": {ratio: found.as_json() for ratio, found in ratios.items()}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *RATIOS, *FACTS], default=[])
    asyncio.run(measure(parser.parse_args().parts or [*RATIOS, *FACTS]))
