"""Measures the product against named baselines in one run: `make bench`.

Writes `results.json` beside this file; the documents quote it.
"""

import asyncio
import json
import os
import platform
from pathlib import Path
from typing import Any

from tests.bench import gpu_share, one_job, reattach, watching

RESULTS = Path(__file__).with_name("results.json")


async def measure() -> dict[str, Any]:
    ratios = await one_job.measure() | await gpu_share.measure()
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}",
        "ratios": {name: ratio.as_json() for name, ratio in ratios.items()},
        "watching": await watching.measure(),
        "reattach_after_kill": await reattach.measure(),
    }


if __name__ == "__main__":
    RESULTS.write_text(json.dumps(asyncio.run(measure()), indent=1) + "\n", encoding="utf-8")
