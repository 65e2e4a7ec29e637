"""The system under chaos: the stack in its own process, reached through proxies that can be cut."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from services.local.child import tethered
from services.local.layout import HOST, STAND_INS, Layout, make_layout
from tests.chaos.host import Detour, HostOrder, HostStatus
from tests.chaos.profiles import write_small_profiles
from tests.chaos.proxy import Proxy
from tests.chaos.targets import CUSTOMERS, WAYS, Target, Way
from tests.conftest import free_base_port

START_WITHIN_S = 90.0
STOP_WITHIN_S = 40.0
LOOK_EVERY_S = 0.1


class StackEnded(Exception):
    """The stack's own process is gone; what it said last."""


@dataclass(frozen=True)
class Rig:
    """layout: the stack's own ports, past all proxies. before: the machine's temporary files.

    profiles: the file of the qualities it renders in.
    """

    layout: Layout
    proxies: dict[Way, Proxy]
    renderer_proxies: list[Proxy]
    process: subprocess.Popen[bytes]
    folder: Path
    before: frozenset[Path]
    profiles: Path

    @property
    def url(self) -> str:
        """As customers know it."""
        return f"http://localhost:{self.proxies[Way(CUSTOMERS, 'http')].port}"

    def check(self) -> None:
        """Raises StackEnded."""
        if self.process.poll() is not None:
            raise StackEnded(self.said.splitlines()[-1] if self.said else "nothing")

    @property
    def status(self) -> HostStatus:
        """Raises StackEnded."""
        self.check()
        path = self.folder / "status.json"
        if not path.exists():
            return HostStatus(up=False, running={}, ready={})
        return HostStatus.model_validate_json(path.read_bytes())

    @property
    def said(self) -> str:
        return (self.folder / "host.out").read_text(encoding="utf-8", errors="replace").strip()

    def proxies_of(self, target: Target) -> list[Proxy]:
        if target.stand_in is not None:
            return [self.renderer_proxies[target.stand_in - 1]]
        return [self.proxies[way] for way in target.ways]

    def renderer_url(self, number: int) -> str:
        """Of a stand-in, counted from 1."""
        return f"http://{HOST}:{self.layout.ports[STAND_INS[number - 1]]}"

    def ledger(self, number: int) -> Path:
        return self.layout.data / "comfy_sim" / str(number) / "ledger.jsonl"

    def zombies(self) -> list[str]:
        """Children of the stack's process that ended without its noticing."""
        return [
            f"{process.pid} {process.info['name']}"
            for process in psutil.process_iter(["name", "ppid", "status"])
            if process.info["ppid"] == self.process.pid
            and process.info["status"] == psutil.STATUS_ZOMBIE
        ]

    def debris(self) -> list[str]:
        """New temporary files of the machine that have one of our ports in their name."""
        ports = self.layout.ports.all().values()
        new = _temporary_files() - self.before
        return [str(path) for path in new if any(f"-{port}." in path.name for port in ports)]

    def strays(self) -> list[str]:
        """Processes that ours left behind: they have our folder, and no place below the stack."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        family = {self.process.pid, *(child.pid for child in below)}
        ours = str(self.layout.data)
        return [
            f"{process.pid} {' '.join((process.info['cmdline'] or [])[:4])}"
            for process in psutil.process_iter(["cmdline", "environ"])
            if process.pid not in family
            and (process.info["environ"] or {}).get("TMPDIR", "").startswith(ours)
        ]


@asynccontextmanager
async def open_rig(folder: Path, stand_ins: int, step_seconds: float) -> AsyncIterator[Rig]:
    base_port = free_base_port()
    layout = make_layout(folder / "stack", base_port, [], step_seconds, stand_ins=stand_ins)
    proxies = {way: Proxy(layout.ports[way.listener]) for way in WAYS}
    renderers = [Proxy(layout.ports[name]) for name in STAND_INS[:stand_ins]]
    for proxy in [*proxies.values(), *renderers]:
        await proxy.open()
    order = HostOrder(
        data=layout.data,
        base_port=base_port,
        stand_ins=stand_ins,
        step_seconds=step_seconds,
        comfy_urls=[f"http://{HOST}:{proxy.port}" for proxy in renderers],
        detours=[
            Detour(user=way.user, listener=way.listener, port=proxy.port)
            for way, proxy in proxies.items()
        ],
    )
    before = _temporary_files()
    profiles = write_small_profiles(folder / "profiles.json")
    # Not in a thread of its own: the child ends with the thread that spawned it.
    process = _spawn(folder, order, profiles)
    rig = Rig(layout, proxies, renderers, process, folder, before, profiles)
    try:
        await _until_up(rig)
        yield rig
    finally:
        await asyncio.to_thread(_end, process)
        for proxy in [*proxies.values(), *renderers]:
            await proxy.close()


def _temporary_files() -> frozenset[Path]:
    return frozenset(Path(tempfile.gettempdir()).iterdir())


def _spawn(folder: Path, order: HostOrder, profiles: Path) -> "subprocess.Popen[bytes]":
    path = folder / "host.json"
    path.write_text(order.model_dump_json(), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "ANIMATRIX" not in name}
    with (folder / "host.out").open("wb") as out:
        return subprocess.Popen(
            tethered(sys.executable, "-m", "tests.chaos.host", str(path)),
            env=kept | {"ANIMATRIX_PROFILES": str(profiles)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


async def _until_up(rig: Rig) -> None:
    async with asyncio.timeout(START_WITHIN_S):
        while not rig.status.up:  # noqa: ASYNC110  a file tells it
            await asyncio.sleep(LOOK_EVERY_S)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
