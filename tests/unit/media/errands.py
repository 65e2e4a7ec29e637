"""What a child process is sent to do in the tests of isolation."""

import os
import signal
import time
from pathlib import Path

import av

from proto.errors import ErrorCode
from proto.media import Crop
from services.media.errors import BadSegment, MediaRefused
from services.media.remote import SourceUnavailable


def crop_of(width: float) -> Crop:
    return Crop(width=width)


def environment() -> dict[str, str]:
    """Its own, and the warm process's."""
    parent = Path(f"/proc/{os.getppid()}/environ").read_bytes().split(b"\0")
    given = dict(entry.decode().split("=", 1) for entry in parent if b"=" in entry)
    return {**given, **os.environ}


def threads_of_parent() -> int:
    return len(list(Path(f"/proc/{os.getppid()}/task").iterdir()))


def process_id(path: Path) -> int:
    """Written down at once; the process then stays."""
    path.write_text(str(os.getpid()))
    time.sleep(600)
    return os.getpid()


def refuse() -> int:
    raise MediaRefused(ErrorCode.TOO_LONG, "This is too long.")


def find_bad() -> int:
    raise BadSegment("frame 3 is missing")


def miss() -> int:
    raise SourceUnavailable("/media/key: status 503")


def stumble() -> int:
    raise KeyError("stumbled here")


def fill_memory() -> int:
    return len(bytearray(2**40))


def spin() -> int:
    while True:
        pass


def hang() -> int:
    time.sleep(600)
    return 0


def break_down() -> int:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def vanish() -> int:
    os._exit(0)


def write_much(path: Path) -> int:
    with path.open("wb") as out:
        while True:
            out.write(bytes(1024 * 1024))


def babble() -> str:
    return "x" * 8 * 1024 * 1024


def lie() -> int:
    return "not a number"  # type: ignore[return-value]


def decode(path: Path) -> int:
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return sum(1 for _ in container.decode(video=0))
