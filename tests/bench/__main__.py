"""Measures the product against named baselines in one run: `make bench`.

Writes `results.json` beside this file; the documents quote it.
"""

import asyncio
import json
import os
import platform
from pathlib import Path
from typing import Any

from tests.bench import (
    gpu_share,
    joining,
    long_video,
    one_job,
    page,
    reattach,
    shaping,
    uploads,
    watching,
)

RESULTS = Path(__file__).with_name("results.json")


async def measure() -> None:
    """Each part is written down when it is done: a later one that fails takes none with it."""
    found: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}",
        "ratios": {},
    }
    for part in (one_job, long_video, gpu_share, shaping):
        ratios = await part.measure()
        found["ratios"] |= {name: ratio.as_json() for name, ratio in ratios.items()}
        write(found)
    facts_by_name = {
        "joining": joining,
        "uploads": uploads,
        "reattach_after_kill": reattach,
        "watching": watching,
        "page": page,
    }
    for name, facts in facts_by_name.items():
        found[name] = await facts.measure()
        write(found)


def write(found: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(measure())
