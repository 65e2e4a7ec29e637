"""What a child process is sent to do in the tests of isolation."""

import os
import resource
import signal
import stat
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
    return dict(os.environ)


def parent() -> int:
    return os.getppid()


def read_environment_of(pid: int) -> int:
    return len(Path(f"/proc/{pid}/environ").read_bytes())


def standing() -> dict[str, int]:
    """What holds for it: limits, and what the kernel notes of it."""
    limits = ("RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_AS", "RLIMIT_NOFILE")
    held = {name: resource.getrlimit(getattr(resource, name))[0] for name in limits}
    status = Path("/proc/self/status").read_text().splitlines()
    noted = dict(line.split(":", 1) for line in status)
    return held | {name: int(noted[name], 16) for name in ("NoNewPrivs", "CapEff", "Threads")}


def open_many(path: Path) -> int:
    path.touch()
    return len([path.open() for _ in range(1000)])


def speak() -> int:
    for standard in (1, 2):
        os.write(standard, b"what libraries print")
    return 0


def _sockets() -> list[int]:
    """The numbers of those it has open."""
    found = []
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            # The listing had a number of its own.
            continue
        if stat.S_ISSOCK(mode):
            found.append(number)
    return found


def count_sockets() -> int:
    return len(_sockets())


def forge(length: int, content: bytes) -> int:
    """Says in its own words what it has to say, as a reader that a file took over could."""
    (call,) = _sockets()
    os.write(call, length.to_bytes(8) + content)
    os._exit(0)


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
    # More than a child has, and less than a machine would promise it.
    return len(bytes(5 * 2**30))


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
