"""The warm process that readers of strangers' files are forked from, one for each call.

Not multiprocessing's fork server: its children import the program that started it anew, and what
they answer is a pickle, with which a file that takes its reader over would take over the caller.
"""

import ctypes
import json
import os
import pickle
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from services.media import preload
from services.media.confinement import confine
from services.media.errors import BadSegment, MediaRefused
from services.media.remote import SourceUnavailable

LENGTH_BYTES = 8
READY = b"\1"
MAX_ANSWER_BYTES = 4 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
# A page that is looked at is served before a film is decoded.
_NICENESS = 5


def main() -> None:
    _die_with_parent()
    preload.load()
    orders = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    orders.sendall(READY)
    _Zygote(orders).serve()


class _Zygote:
    """Forks a child for every socket it is sent, until nobody sends any more."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._pid = os.getpid()
        self._calls: dict[int, tuple[int, socket.socket]] = {}
        self._woken, self._waker = socket.socketpair()
        self._poll = select.poll()
        for end in (self._woken, self._waker):
            end.setblocking(False)  # noqa: FBT003
        for end in (orders, self._woken):
            self._poll.register(end, select.POLLIN)

    def serve(self) -> None:
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            for handle, _ in self._poll.poll():
                if handle == self._orders.fileno():
                    if not self._take_order():
                        return
                elif handle == self._woken.fileno():
                    self._woken.recv(4096)
                    self._reap()
                elif handle in self._calls:
                    # Whoever called has gone.
                    self._poll.unregister(handle)
                    os.kill(self._calls[handle][0], signal.SIGKILL)

    def _take_order(self) -> bool:
        _, handles, _, _ = socket.recv_fds(self._orders, 1, 1)
        if not handles:
            return False
        call = socket.socket(fileno=handles[0])
        child = os.fork()
        if child == 0:
            self._leave()
            _answer(call)
        self._calls[call.fileno()] = child, call
        self._poll.register(call, 0)
        return True

    def _leave(self) -> None:
        """What only the parent has use for: with its orders, a child would have others' calls."""
        _die_with_parent()
        if os.getppid() != self._pid:
            # It was too late to ask for that.
            os._exit(1)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for _, call in self._calls.values():
            call.close()
        for end in (self._orders, self._woken, self._waker):
            end.close()
        # Standard input is the orders once more; decoders print what they think of a file.
        silence = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(silence, standard)
        os.close(silence)

    def _reap(self) -> None:
        ended = {}
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                ended[found[0]] = os.waitstatus_to_exitcode(found[1])
        for handle, (child, call) in list(self._calls.items()):
            if child in ended:
                del self._calls[handle]
                self._close(call, ended[child])

    def _close(self, call: socket.socket, code: int) -> None:
        try:
            self._poll.unregister(call)
        except KeyError:
            call.close()
            return
        send(call, {"ended": code})
        call.close()


def _answer(call: socket.socket) -> None:
    """Run what the socket asks for, send what it gives, and end this process."""
    try:
        function, args, kwargs, limits = pickle.loads(receive(call))  # noqa: S301  from the worker
        _limit(limits)
        send(call, _outcome(partial(function, *args, **kwargs), answer_type(function)))
    finally:
        os._exit(0)


def _outcome(work: Callable[[], Any], answer: TypeAdapter[Any]) -> dict[str, Any]:
    try:
        made = work()
    except MediaRefused as error:
        return {"refused": [error.code, error.message]}
    except BadSegment as error:
        return {"bad_segment": str(error)}
    except SourceUnavailable as error:
        return {"unavailable": str(error)}
    except MemoryError:
        return {"crashed": "out of memory"}
    except Exception:  # noqa: BLE001  all of it is told to the caller
        return {"failed": traceback.format_exc()}
    return {"made": answer.dump_python(made, mode="json")}


def answer_type(function: Any) -> TypeAdapter[Any]:
    """Of what the function says it returns."""
    return TypeAdapter(get_type_hints(function)["return"])


def _limit(limits: dict[str, int]) -> None:
    for name, most in {**limits, "RLIMIT_CORE": 0}.items():
        # The softer limit's signal says which one it was.
        hard = most + 1 if name == "RLIMIT_CPU" else most
        resource.setrlimit(getattr(resource, name), (most, hard))
    os.nice(_NICENESS)
    # Python ignores it, and would raise an ordinary error instead.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    confine()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def send(to: socket.socket, message: dict[str, Any]) -> None:
    content = json.dumps(message).encode()
    try:
        to.sendall(len(content).to_bytes(LENGTH_BYTES) + content)
    except OSError:
        # Nobody waits for it any more.
        return


def receive(call: socket.socket) -> bytes:
    length = int.from_bytes(_exactly(call, LENGTH_BYTES))
    return _exactly(call, length)


def _exactly(call: socket.socket, count: int) -> bytes:
    parts = []
    while count and (part := call.recv(min(count, 65536))):
        parts.append(part)
        count -= len(part)
    if count:
        raise EOFError
    return b"".join(parts)


if __name__ == "__main__":
    main()
