"""Run the stand-in for ComfyUI until it is told to stop."""

import argparse
import asyncio
import signal
import sys
from inspect import getdoc
from pathlib import Path

from pydantic import ValidationError

from services.comfy_sim.faults import KINDS, Fault, Moment, read_argument
from services.comfy_sim.options import MIB, SimOptions
from services.comfy_sim.profile import PROFILES
from services.comfy_sim.server import serve


def read_options() -> SimOptions:
    given = _parser().parse_args()
    return SimOptions(
        host=given.host,
        port=given.port,
        base_dir=given.base_dir,
        step_seconds=given.step_seconds,
        node_seconds=given.node_seconds,
        high_quality=not given.no_high_quality,
        without=tuple(given.without),
        without_nodes=tuple(given.without_node),
        vram_gb=given.vram_gb,
        max_upload_bytes=round(given.max_upload_size * MIB),
        profile=given.profile,
        previews=given.preview_method == "auto",
        faults=tuple(given.fault),
        control=given.control,
    )


def _parser() -> argparse.ArgumentParser:
    defaults = SimOptions(base_dir=Path())
    parser = argparse.ArgumentParser(
        prog="comfy_sim",
        description=__doc__,
        epilog=describe_faults(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default=defaults.host)
    add("--port", type=int, required=True)
    add("--base-dir", type=Path, required=True, help="holds input, output, temp, ledger.jsonl")
    add("--step-seconds", type=float, default=defaults.step_seconds)
    add("--node-seconds", type=float, default=defaults.node_seconds)
    add("--profile", choices=list(PROFILES), default=defaults.profile)
    add("--preview-method", choices=["none", "auto"], default="none")
    add("--max-upload-size", type=float, default=100, metavar="MIB")
    add("--vram-gb", type=float, default=defaults.vram_gb, metavar="N")
    add("--no-high-quality", action="store_true", help="be without the bf16 models")
    add("--without", action="append", default=[], metavar="MODEL_FILE")
    add("--without-node", action="append", default=[], metavar="CLASS")
    add("--fault", action="append", default=[], type=_fault, metavar="NAME[:key=value,...]")
    add("--control", action="store_true", help="let faults be set over HTTP, at /sim/faults")
    return parser


def _fault(text: str) -> Fault:
    try:
        return read_argument(text)
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"no fault is called {error}") from error
    except (ValidationError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def describe_faults() -> str:
    lines = ["faults, each with its parameters:"]
    for name, kind in KINDS.items():
        own = [key for key in kind.model_fields if key not in Fault.model_fields]
        lines.append(f"  {name} ({', '.join(own)})" if own else f"  {name}")
        lines.append(f"      {getdoc(kind)}")
    lines.append(f"every fault takes: {', '.join(Fault.model_fields)}")
    lines.append(f"at is one of: {', '.join(Moment)}")
    return "\n".join(lines)


async def run(options: SimOptions) -> int:
    """The exit status: 1 when the server ended by itself."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with serve(options) as sim:
        ends = [loop.create_task(event.wait()) for event in (stopped, sim.exited)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        return 1 if sim.exited.is_set() else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(read_options())))
