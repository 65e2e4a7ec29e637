"""Run the stand-in for ComfyUI until it is told to stop."""

import argparse
import asyncio
import signal
from pathlib import Path

from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve


def read_options() -> SimOptions:
    defaults = SimOptions(base_dir=Path())
    parser = argparse.ArgumentParser(prog="comfy_sim", description=__doc__)
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--base-dir", type=Path, required=True)
    parser.add_argument("--step-seconds", type=float, default=defaults.step_seconds)
    parser.add_argument("--node-seconds", type=float, default=defaults.node_seconds)
    parser.add_argument("--no-high-quality", action="store_true", help="be without the bf16 models")
    given = parser.parse_args()
    return SimOptions(
        host=given.host,
        port=given.port,
        base_dir=given.base_dir,
        step_seconds=given.step_seconds,
        node_seconds=given.node_seconds,
        high_quality=not given.no_high_quality,
    )


async def run(options: SimOptions) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with serve(options):
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(run(read_options()))
