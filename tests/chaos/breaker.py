"""Hurts the system as planned, and times how long it takes to get over it."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import psutil

from tests.chaos.plan import AT_ONCE, Fault, FaultKind
from tests.chaos.probes import Probes
from tests.chaos.rig import Rig
from tests.chaos.scripts import ENDS_WITH_RESTART

LASTING_AT_ONCE = 2
"""More would leave nothing to recover with. What is over at once may come on top."""

GO_WITHIN_S = 10.0
POLL_S = 0.1


@dataclass
class Done:
    """A fault as it was: began and ended by the clock of this machine.

    served_after_s: from its end until its target served again; None while it does not.
    followed_after_s: until the work it interrupted was taken up again; None while one is not.
    happened: how often a scripted one did; 1 for the others.
    """

    fault: Fault
    began: float
    ended: float = 0.0
    served_after_s: float | None = None
    followed_after_s: float | None = None
    happened: int = 1


class Breaker:
    def __init__(self, rig: Rig, probes: Probes) -> None:
        self.done: list[Done] = []
        self._rig = rig
        self._probes = probes
        self._calm = asyncio.Event()
        self._lasting = 0
        self._hurt: set[str] = set()

    async def run(self, faults: Iterator[Fault]) -> None:
        """Until calmed; then everything that lasts is over at once, and recovered from."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._calm.wait(), fault.gap_s)
                if self._calm.is_set():
                    return
                if self._may_begin(fault):
                    group.create_task(self._hurt_once(fault))

    def calm(self) -> None:
        self._calm.set()

    def _may_begin(self, fault: Fault) -> bool:
        if fault.target.name in self._hurt:
            return False
        return fault.kind in AT_ONCE or self._lasting < LASTING_AT_ONCE

    async def _hurt_once(self, fault: Fault) -> None:
        name = fault.target.name
        self._hurt.add(name)
        try:
            pid = self._pid(name)
            # One that is being started anew is hurt enough.
            if pid is not None:
                await self._hurt_process(fault, pid)
        finally:
            self._hurt.discard(name)

    async def _hurt_process(self, fault: Fault, pid: int) -> None:
        interrupted = await self._probes.interrupted(fault)
        done = Done(fault, began=time.time())
        self.done.append(done)
        self._lasting += bool(fault.seconds)
        try:
            await self._break(fault, pid)
            if fault.seconds:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._calm.wait(), fault.seconds)
            await self._mend(done, pid)
        finally:
            self._lasting -= bool(fault.seconds)
        done.ended = time.time()
        done.served_after_s, done.followed_after_s = await asyncio.gather(
            self._probes.until_served(fault, pid),
            self._probes.until_followed(interrupted, done.ended),
        )

    async def _break(self, fault: Fault, pid: int) -> None:
        match fault.kind:
            case FaultKind.KILL:
                _signal(pid, signal.SIGKILL)
            case FaultKind.STOP:
                _signal_tree(pid, signal.SIGSTOP)
            case FaultKind.RESTART:
                await self._restart(fault, pid)
            case FaultKind.SCRIPT:
                # One that is away for another reason is not told.
                with suppress(httpx.TransportError):
                    told = await self._probes.http.post(self._faults_url(fault), json=fault.script)
                    told.raise_for_status()
            case _:
                self._cut(fault)

    def _cut(self, fault: Fault) -> None:
        for proxy in self._rig.proxies_of(fault.target):
            match fault.kind:
                case FaultKind.CUT:
                    proxy.cut()
                case FaultKind.STALL:
                    proxy.stall()
                case FaultKind.RESET:
                    proxy.reset()

    async def _mend(self, done: Done, pid: int) -> None:
        fault = done.fault
        match fault.kind:
            case FaultKind.STOP:
                _signal_tree(pid, signal.SIGCONT)
            case FaultKind.SCRIPT:
                await self._end_script(done, pid)
            case FaultKind.CUT | FaultKind.STALL:
                for proxy in self._rig.proxies_of(fault.target):
                    proxy.mend()

    async def _restart(self, fault: Fault, pid: int) -> None:
        """As whoever runs it does it: ask, and after a while use force."""
        polite = signal.SIGINT if fault.target.name == "database" else signal.SIGTERM
        _signal(pid, polite)
        with suppress(TimeoutError):
            async with asyncio.timeout(GO_WITHIN_S):
                while self._pid(fault.target.name) == pid:  # noqa: ASYNC110  a file tells it
                    await asyncio.sleep(POLL_S)
            return
        _signal(pid, signal.SIGKILL)

    async def _end_script(self, done: Done, pid: int) -> None:
        url = self._faults_url(done.fault)
        try:
            listed = (await self._probes.http.get(url)).json()["faults"]
            done.happened = sum(item["happened"] for item in listed)
            await self._probes.http.delete(url)
        except httpx.TransportError:
            # It is away, with all that it was told.
            done.happened = 1
        if done.happened and done.fault.script_name in ENDS_WITH_RESTART:
            _signal(pid, signal.SIGKILL)

    def _faults_url(self, fault: Fault) -> str:
        return f"{self._rig.renderer_url(fault.target.stand_in or 1)}/sim/faults"

    def _pid(self, name: str) -> int | None:
        return self._rig.status.running.get(name)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_tree(pid: int, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            _signal(each.pid, number)
