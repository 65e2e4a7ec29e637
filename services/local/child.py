import atexit
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from signal import Signals
from typing import IO

from mirakuru import Executor, SimpleExecutor
from mirakuru.base import cleanup_subprocesses
from mirakuru.exceptions import ProcessFinishedWithError

# The library's own end-of-process hook kills whatever any stack started whose process id merely
# contains ours. Our children are tethered to us instead.
atexit.unregister(cleanup_subprocesses)

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
CHECK_EVERY_S = 0.05


class Child(Executor):
    """One server of the stack. `spawn` starts it, `start` also waits until it is ready.

    ready: asked again and again until it is true. Output goes to `log`.
    """

    def __init__(  # noqa: PLR0913
        self,
        name: str,
        command: list[str],
        *,
        ready: Callable[["Child"], bool],
        log: Path,
        env: dict[str, str] | None = None,
        stop_signal: Signals = Signals.SIGTERM,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        self.name = name
        self.log = log
        self._ready = ready
        self._stop_timeout_s = stop_timeout_s
        self._output: IO[bytes] = log.open("ab")
        self.log_start = log.stat().st_size
        super().__init__(
            command,
            timeout=START_TIMEOUT_S,
            sleep=CHECK_EVERY_S,
            stop_signal=stop_signal,
            envvars=env,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
        )

    def spawn(self) -> None:
        self.log_start = self.log.stat().st_size
        SimpleExecutor.start(self)

    def pre_start_check(self) -> bool:
        """Taken ports were looked for before anything was started."""
        return False

    def after_start_check(self) -> bool:
        return self._ready(self)

    def forget(self) -> None:
        """Let go of a process that has ended, so that it can be spawned anew."""
        self._clear_process()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.running():
            self.process.send_signal(self._stop_signal)

    def stop_quietly(self) -> None:
        """Stop it, whatever its exit code says of having been stopped."""
        self._timeout = self._stop_timeout_s
        try:
            self.stop()
        except ProcessFinishedWithError:
            self._clear_process()
        self._output.close()

    @property
    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def tethered(*command: str) -> list[str]:
    """The command, ending with this process even when this process is killed."""
    return [sys.executable, "-m", "services.local.tether", *command]


def program(name: str) -> str:
    """A program that came with a wheel: it lies beside this Python."""
    return os.path.join(os.path.dirname(sys.executable), name)
