"""Starts the embedded stack and keeps it running: `animatrix-local`, or `make demo`."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from pydantic import TypeAdapter, ValidationError

from proto.backend import backend_id
from services.local.checks import CannotStart, check_machine
from services.local.layout import MAX_STAND_INS, ROOT, Layout, Ports, make_layout
from services.local.stack import Stack
from services.local.welcome import make_link
from services.settings import ComfyUrls
from services.store.audit import Actor

DEFAULT_PORT = 8080
HIGHEST_PORT = 65535
COMFY_URLS: TypeAdapter[list[str]] = TypeAdapter(ComfyUrls)


class StopAsked(BaseException):
    """SIGTERM or Ctrl-C came. Like KeyboardInterrupt, nothing on the way may swallow it."""


def main() -> int:
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGINT, _on_signal)
    try:
        layout = read_layout(os.environ)
        with only_one(layout.data):
            check_machine(layout, os.environ)
            run(layout)
    except CannotStart as error:
        _say(f"Animatrix can't start: {error}")
        return 1
    except StopAsked:
        _say("Animatrix has stopped. Start it again to go on where it was.")
    return 0


def run(layout: Layout) -> None:
    """Until a signal comes."""
    stack = Stack(layout, _say)
    try:
        stack.start()
        _say_ready(layout)
        stack.keep_running()
    finally:
        # From here on a second Ctrl-C would only leave servers behind.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.stop()


def read_layout(env: Mapping[str, str]) -> Layout:
    """From ANIMATRIX_PORT, ANIMATRIX_DATA_DIR, ANIMATRIX_COMFY_URLS, ANIMATRIX_SIM_BACKENDS,
    ANIMATRIX_SIM_STEP_SECONDS, ANIMATRIX_SIM_CONTROL. Raises CannotStart.
    """
    try:
        comfy_urls = COMFY_URLS.validate_python(env.get("ANIMATRIX_COMFY_URLS", ""))
    except ValidationError as error:
        raise CannotStart(f"ANIMATRIX_COMFY_URLS: {error.errors()[0]['msg']}.") from error
    layout = make_layout(
        data_folder(env), _port(env), comfy_urls, _step_seconds(env), stand_ins=_stand_ins(env)
    )
    return replace(layout, control=_control(env))


def data_folder(env: Mapping[str, str]) -> Path:
    return Path(env.get("ANIMATRIX_DATA_DIR") or ROOT / "data").expanduser().resolve()


def _port(env: Mapping[str, str]) -> int:
    text = env.get("ANIMATRIX_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT - len(Ports.NAMES):
        raise CannotStart(f"ANIMATRIX_PORT is {text!r}, which is not a port number.")
    return int(text)


def _step_seconds(env: Mapping[str, str]) -> float:
    text = env.get("ANIMATRIX_SIM_STEP_SECONDS") or "0.4"
    try:
        return float(text)
    except ValueError as error:
        sentence = f"ANIMATRIX_SIM_STEP_SECONDS is {text!r}, which is not a number."
        raise CannotStart(sentence) from error


def _stand_ins(env: Mapping[str, str]) -> int:
    text = env.get("ANIMATRIX_SIM_BACKENDS") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= MAX_STAND_INS:
        raise CannotStart(f"ANIMATRIX_SIM_BACKENDS is {text!r}, which is not 1 to {MAX_STAND_INS}.")
    return int(text)


def _control(env: Mapping[str, str]) -> bool:
    text = env.get("ANIMATRIX_SIM_CONTROL") or "0"
    if text not in {"0", "1"}:
        raise CannotStart(f"ANIMATRIX_SIM_CONTROL is {text!r}, which is not 0 or 1.")
    return text == "1"


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Raises CannotStart when a stack runs on the folder."""
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(f"it is already running on {data}.") from error
        yield


def _say_ready(layout: Layout) -> None:
    ports = layout.ports
    link = asyncio.run(make_link(layout, Actor("console", via="start")))
    renderer = (
        f"simulated ({layout.stand_ins}); set ANIMATRIX_COMFY_URLS to use a real ComfyUI"
        if layout.simulated
        else ", ".join(backend_id(url) for url in layout.comfy_urls)
    )
    _say("")
    _say(f"  Animatrix is ready:  {link}")
    _say("")
    _say("  The link signs one browser in. For another: make link")
    _say("")
    _say(f"  https                https://localhost:{ports['https']}")
    _say(f"  Temporal Web UI      http://localhost:{ports['temporal_ui']}")
    _say(f"  API description      {layout.url}/api/openapi.json")
    _say(f"  Renderer             {renderer}")
    _say(f"  Data and logs        {layout.data}")
    _say("")
    _say("  Ctrl-C stops it; nothing is lost.")


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise StopAsked


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
