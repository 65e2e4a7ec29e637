"""Strangers' files are read in processes of their own: a crash or a hang is one file's."""

import asyncio
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from proto.errors import ErrorCode
from services.media.errors import BadSegment, MediaRefused
from services.media.remote import SourceUnavailable
from services.media.zygote import LENGTH_BYTES, MAX_ANSWER_BYTES, READY, answer_type

P = ParamSpec("P")
T = TypeVar("T")

GIB = 1024**3
# Nothing that opens a store or a workflow server is within a child's reach.
_PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_SAID = {
    signal.SIGXCPU: "out of time",
    signal.SIGXFSZ: "wrote too much",
}


class Crashed(Exception):
    """The child died, or met one of its limits, in reading what it was given."""


class Lost(Exception):
    """The warm process died, and the child with it: no fault of what was read."""


class ChildFailed(Exception):
    """The function raised something it does not promise; with its traceback."""


@dataclass(frozen=True)
class Limits:
    """Of one child. memory: of its address space, in which a 4K film's frames have to fit."""

    memory_bytes: int = 4 * GIB
    written_bytes: int = 4 * GIB
    cpu_s: int = 1200
    wall_s: float = 900.0
    open_files: int = 128

    def as_rlimits(self) -> dict[str, int]:
        return {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_FSIZE": self.written_bytes,
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_NOFILE": self.open_files,
        }


class Isolation:
    """Calls functions in children of one warm process, which is started anew when it dies."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._starting = asyncio.Lock()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns, validated as what it says it does.

        The function is a module's, the arguments can be pickled. Raises what it raises of
        MediaRefused, BadSegment and SourceUnavailable; Crashed, Lost, ChildFailed. Cancelled or out
        of time, the child is killed.
        """
        order = pickle.dumps((function, args, kwargs, self._limits.as_rlimits()))
        await self.start()
        try:
            async with asyncio.timeout(self._limits.wall_s):
                answer = await self._ask(order)
        except TimeoutError as error:
            raise Crashed("out of time") from error
        except ConnectionError as error:
            raise Lost from error
        try:
            made: T = answer_type(function).validate_json(json.dumps(_unpacked(json.loads(answer))))
        except (ValueError, RecursionError) as error:
            raise Crashed("answered nonsense") from error
        return made

    async def start(self) -> None:
        """Have the warm process ready, whatever became of the one before."""
        async with self._starting:
            if self._process is not None and self._process.poll() is None:
                return
            self.close()
            self._orders, theirs = socket.socketpair()
            self._orders.setblocking(False)  # noqa: FBT003
            with theirs:
                environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                self._process = subprocess.Popen(  # noqa: ASYNC220  it returns at once
                    [sys.executable, "-m", "services.media.zygote"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env={**environment, **_ONE_THREAD},
                )
            if not await asyncio.get_running_loop().sock_recv(self._orders, 1):
                raise Lost("the warm process did not start")

    def close(self) -> None:
        if self._orders is not None:
            self._orders.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def _ask(self, order: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(sock=self._start_child())
        try:
            writer.write(len(order).to_bytes(LENGTH_BYTES) + order)
            return await _receive(reader)
        finally:
            writer.close()

    def _start_child(self) -> socket.socket:
        """Our end of the socket that the child takes its order from."""
        assert self._orders is not None  # noqa: S101  start made it
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._orders, [READY], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours


@asynccontextmanager
async def open_isolation(limits: Limits | None = None) -> AsyncIterator[Isolation]:
    isolation = Isolation(limits or Limits())
    await isolation.start()
    try:
        yield isolation
    finally:
        isolation.close()


async def _receive(reader: asyncio.StreamReader) -> bytes:
    try:
        length = int.from_bytes(await reader.readexactly(LENGTH_BYTES))
        if length > MAX_ANSWER_BYTES:
            raise Crashed("answered too much")
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise Crashed("ended in the middle of its answer") from error
        raise Lost from error


def _unpacked(answer: Any) -> Any:
    """Raises ValueError when it is nothing that a child says."""
    match answer:
        case {"made": made}:
            return made
        case {"refused": [str(code), str(message)]}:
            raise MediaRefused(ErrorCode(code), message)
        case {"bad_segment": str(message)}:
            raise BadSegment(message)
        case {"unavailable": str(cause)}:
            raise SourceUnavailable(cause)
        case {"crashed": str(cause)}:
            raise Crashed(cause)
        case {"failed": str(cause)}:
            raise ChildFailed(cause)
        case {"ended": int(code)} if code < 0:
            number = signal.Signals(-code)
            raise Crashed(_SAID.get(number, f"ended by {number.name}"))
        case _:
            raise Crashed("ended without an answer")
