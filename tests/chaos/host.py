"""The embedded stack in a process of its own: `python -m tests.chaos.host FILE`.

FILE says what to run. `status.json` beside it always says which servers run and which of them have
become ready.
"""

import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from proto.model import Model
from services.local.layout import Layout, make_layout
from services.local.main import StopAsked
from services.local.stack import LOOK_EVERY_S, Stack


class Detour(Model):
    user: str
    listener: str
    port: int


class HostOrder(Model):
    """comfy_urls: where our services reach the stand-ins."""

    data: Path
    base_port: int
    stand_ins: int
    step_seconds: float
    comfy_urls: list[str]
    detours: list[Detour]

    def layout(self) -> Layout:
        layout = make_layout(
            self.data, self.base_port, [], self.step_seconds, stand_ins=self.stand_ins
        )
        detours = {(detour.user, detour.listener): detour.port for detour in self.detours}
        return replace(layout, comfy_urls=self.comfy_urls, control=True, detours=detours)


class HostStatus(Model):
    """Process ids by the name of the server. up: the stack has started."""

    up: bool
    running: dict[str, int]
    ready: dict[str, int]


def run(order: HostOrder, status: Path) -> NoReturn:
    stack = Stack(order.layout(), _say)
    try:
        stack.start()
        _say("up")
        while True:
            stack.tend()
            _publish(stack, status)
            time.sleep(LOOK_EVERY_S)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stack.stop()


def _publish(stack: Stack, path: Path) -> None:
    status = HostStatus(up=True, running=stack.pids, ready=stack.ready_pids)
    draft = path.with_suffix(".draft")
    draft.write_text(status.model_dump_json(), encoding="utf-8")
    draft.replace(path)


def _stop(_number: int, _frame: object) -> None:
    raise StopAsked


def _say(line: str) -> None:
    sys.stdout.write(f"{time.time():.3f} {line}\n")
    sys.stdout.flush()


def main(path: Path) -> int:
    signal.signal(signal.SIGTERM, _stop)
    # Ctrl-C is for the run, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(HostOrder.model_validate_json(path.read_bytes()), path.with_name("status.json"))
    except StopAsked:
        return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
