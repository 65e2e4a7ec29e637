"""The embedded stack as its user runs it: a command with a data folder and a port."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from services.local.child import program
from services.local.layout import Ports, make_layout
from tests.studio import eventually

STEP_SECONDS = "0.15"
READY = "Animatrix is ready"
GONE_WITHIN_S = 60


class Local:
    """One data folder and port; started and stopped any number of times.

    code: a folder with all of the code it is to run; None for this one.
    """

    def __init__(
        self,
        data: Path,
        base_port: int,
        step_seconds: str = STEP_SECONDS,
        *,
        code: Path | None = None,
    ) -> None:
        self.code = code
        self.data = data
        self.step_seconds = step_seconds
        self.base_port = base_port
        self.ports = Ports(base_port)
        self.url = f"http://localhost:{self.ports['http']}"
        self.layout = make_layout(data, base_port, [], float(step_seconds))
        self._said = data.with_suffix(".out")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def run(self, **environment: str) -> "subprocess.CompletedProcess[str]":
        """One start that is expected to end by itself."""
        return subprocess.run(
            [program("animatrix-local")],
            env=self._environment(environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def start(self) -> None:
        """Have it running and ready."""
        if self._process is not None:
            return
        with self._said.open("wb") as said:
            self._process = await asyncio.to_thread(
                subprocess.Popen,
                [program("animatrix-local")],
                env=self._environment({}),
                cwd=self.code,
                stdout=said,
                stderr=said,
            )
        await eventually(self._is_ready)

    async def end(self, number: signal.Signals) -> tuple[int, list[psutil.Process]]:
        """Send the signal; gives the exit code and the children that are left."""
        assert self._process is not None
        children = self.process.children(recursive=True)
        self._process.send_signal(number)
        code = await asyncio.to_thread(self._process.wait, GONE_WITHIN_S)
        self._process = None
        _, left = await asyncio.to_thread(psutil.wait_procs, children, GONE_WITHIN_S)
        return code, left

    async def stop(self) -> None:
        if self._process is not None:
            await self.end(signal.SIGTERM)

    def child(self, *words: str) -> psutil.Process:
        """The running server with these words in its name and command line."""
        [found] = [server for server in self.servers() if {*words} <= _words_of(server)]
        return found

    def servers(self) -> set[psutil.Process]:
        """Those that run now."""
        return set(self.process.children())

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    async def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.said
        return READY in self.said

    def _environment(self, changes: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "ANIMATRIX" not in name}
        own = {
            "ANIMATRIX_DATA_DIR": str(self.data),
            "ANIMATRIX_PORT": str(self.base_port),
            "ANIMATRIX_SIM_STEP_SECONDS": self.step_seconds,
            "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
        }
        code = {"PYTHONPATH": str(self.code)} if self.code else {}
        return kept | own | code | changes


def _words_of(server: psutil.Process) -> set[str]:
    """Its name and command line; nothing of one that has ended meanwhile."""
    try:
        return {server.name(), *server.cmdline()}
    except psutil.NoSuchProcess:
        return set()
