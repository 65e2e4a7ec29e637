"""One run: jobs and faults together, a calm end, and the evidence."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeAlias
from uuid import uuid4

import httpx

from proto.job import Mode
from tests.access import signed_in
from tests.chaos.audit import audit
from tests.chaos.breaker import Breaker
from tests.chaos.collect import (
    read_leftovers,
    read_objects,
    read_rows,
    read_slots,
    read_stand_ins,
    read_workflows,
)
from tests.chaos.customer import Asked, Customer
from tests.chaos.evidence import Evidence
from tests.chaos.plan import PICTURE, Order, faults, long_sample, orders
from tests.chaos.probes import Probes, open_probes
from tests.chaos.profiles import seconds_of
from tests.chaos.reader import Readers
from tests.chaos.results import check_results
from tests.chaos.rig import Rig, open_rig
from tests.chaos.targets import targets
from tests.media_factory import make_clip, make_picture, make_sound
from tests.studio import Studio

CLIP_S = 0.6
VOICE_S = 0.8
OWNER_READERS = 3
CALM_SHARE = 0.85
"""So many of the jobs have ended when the faults stop; the others end in peace."""

SETTLE_S = 60.0
SETTLE_EVERY_S = 2.0
TELL_EVERY_S = 5.0

Say = Callable[[str], None]
Tasks: TypeAlias = "list[asyncio.Task[None]]"
Sample: TypeAlias = tuple[str, Path]
"""The kind of asset that a file is."""


@dataclass(frozen=True)
class Settings:
    """segments: of each long_every-th job. backends: stand-ins. at_once: jobs alive.

    gap_s: mean, between two faults. only: what is in the names of the targets that are hurt.
    limit_s: until the faults stop in any case. patience_s: with nothing moving, in the calm.
    slots_within_s: for every worker to say anew how many slots it has in use.
    """

    runs: int
    segments: int
    long_every: int
    seed: int
    backends: int
    step_seconds: float
    at_once: int
    gap_s: float
    longest_stop_s: float
    scripts: list[str]
    only: str
    limit_s: float
    patience_s: float
    slots_within_s: float


async def run(settings: Settings, folder: Path, say: Say) -> Evidence:
    """Raises StackEnded when the stack gives up."""
    limits = httpx.Limits(max_connections=None)
    async with (
        open_rig(folder, settings.backends, settings.step_seconds) as rig,
        open_probes(rig) as probes,
        signed_in(rig.layout, base_url=rig.url, limits=limits) as http,
    ):
        say(f"the stack is up, data in {folder}")
        scene = Scene(settings, rig, http, Breaker(rig, probes), say)
        try:
            samples = _draw_samples(folder, settings.segments, rig.profiles)
            await scene.play(await _upload(Studio(http), samples))
            say("over; looking at what is left")
            evidence = await _settle(scene, rig, probes)
        finally:
            await scene.close()
        await check_results(http, evidence, folder)
        evidence.left += await _slots_left(rig, probes, settings.slots_within_s)
    evidence.left += [f"a temporary file: {path}" for path in rig.debris()]
    return evidence


def _draw_samples(folder: Path, segments: int, profiles: Path) -> dict[str, Sample]:
    """The files that all jobs are made from, by name; each kind short, and long where wanted."""
    samples: dict[str, Sample] = {PICTURE: ("image", make_picture(folder / "picture.png"))}
    samples |= _draw_moving(folder, str, CLIP_S, VOICE_S)
    if segments > 1:
        clip_s = seconds_of(Mode.ANIMATE, segments, profiles)
        voice_s = seconds_of(Mode.AUDIO_PERFORMANCE, segments, profiles)
        samples |= _draw_moving(folder, long_sample, clip_s, voice_s)
    return samples


def _draw_moving(
    folder: Path, name: Callable[[str], str], clip_s: float, voice_s: float
) -> dict[str, Sample]:
    clip, silent, voice = name("clip"), name("silent"), name("voice")
    return {
        clip: ("video", make_clip(folder / f"{clip}.mp4", seconds=clip_s)),
        silent: ("video", make_clip(folder / f"{silent}.mp4", seconds=clip_s, sound=False)),
        voice: ("audio", make_sound(folder / f"{voice}.wav", seconds=voice_s)),
    }


async def _upload(studio: Studio, samples: dict[str, Sample]) -> dict[str, str]:
    """The assets' ids, by name."""
    return {
        name: (await studio.upload(kind, path))["asset_id"]
        for name, (kind, path) in samples.items()
    }


@dataclass
class Scene:
    """Everybody who acts in a run."""

    settings: Settings
    rig: Rig
    http: httpx.AsyncClient
    breaker: Breaker
    say: Say
    asked: list[Asked] = field(default_factory=list)
    readers: Readers = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.settings.seed)  # noqa: S311
        self.readers = Readers(self.http, self._random)

    async def play(self, assets: dict[str, str]) -> None:
        settings = self.settings
        wanted = orders(settings.seed, settings.runs, settings.segments, settings.long_every)
        self.asked = [_asked(order, assets) for order in wanted]
        for _ in range(OWNER_READERS):
            self.readers.add("/api/events")
        gate = asyncio.Semaphore(settings.at_once)
        customers = [asyncio.create_task(self._serve(asked, gate)) for asked in self.asked]
        plan = faults(
            settings.seed,
            [target for target in targets(settings.backends) if settings.only in target.name],
            settings.gap_s,
            settings.longest_stop_s,
            settings.scripts,
        )
        breaking = asyncio.create_task(self.breaker.run(plan))
        try:
            await self._watch(customers, breaking)
            self.say("calm")
            self.breaker.calm()
            await breaking
            await self._let_end(customers)
        finally:
            await _cancel([*customers, breaking])

    async def close(self) -> None:
        await self.readers.close()

    async def _serve(self, asked: Asked, gate: asyncio.Semaphore) -> None:
        async with gate:
            await Customer(self.http, asked, self.readers, self._random).run()

    async def _watch(self, customers: Tasks, breaking: "asyncio.Task[None]") -> None:
        """Until it is time for the calm, or the faults have stopped by themselves."""
        until = time.monotonic() + self.settings.limit_s
        wanted = CALM_SHARE * len(customers)
        while time.monotonic() < until and sum(task.done() for task in customers) < wanted:
            self._tell(customers)
            await asyncio.wait([breaking], timeout=TELL_EVERY_S)
            if breaking.done():
                return

    async def _let_end(self, customers: Tasks) -> None:
        """Until all have what they wanted, or nothing moves any more."""
        moved, heard = time.monotonic(), self._heard()
        while not all(task.done() for task in customers):
            self._tell(customers)
            await asyncio.wait(customers, timeout=TELL_EVERY_S)
            if self._heard() != heard:
                moved, heard = time.monotonic(), self._heard()
            if time.monotonic() - moved > self.settings.patience_s:
                self.say(f"nothing moved for {self.settings.patience_s:.0f} s")
                return

    def _heard(self) -> int:
        return sum(len(transcript.heard) for transcript in self.readers.all)

    def _tell(self, customers: Tasks) -> None:
        """Raises StackEnded."""
        self.rig.check()
        ended = sum(task.done() for task in customers)
        accepted = sum(bool(asked.job_ids) for asked in self.asked)
        self.say(f"{accepted} accepted, {ended} ended, {len(self.breaker.done)} faults")


async def _cancel(tasks: Tasks) -> None:
    """End those that still go on. Raises what one of them died of."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


def _asked(order: Order, assets: dict[str, str]) -> Asked:
    body: dict[str, Any] = {
        **order.settings,
        **{name: assets[sample] for name, sample in order.assets.items()},
    }
    return Asked(order, key=f"chaos-{order.number}-{uuid4()}", body=body)


async def _settle(scene: Scene, rig: Rig, probes: Probes) -> Evidence:
    """The evidence once nothing in it is amiss, or when waiting has not helped.

    What passes by itself within a minute is no finding.
    """
    until = time.monotonic() + SETTLE_S
    while True:
        evidence = Evidence(asked=scene.asked, readers=scene.readers.all, faults=scene.breaker.done)
        await read_rows(rig, evidence)
        await read_workflows(probes, evidence)
        await read_stand_ins(rig, probes, evidence)
        read_leftovers(rig, evidence)
        await read_objects(probes, evidence)
        if time.monotonic() > until or not audit(evidence):
            return evidence
        await asyncio.sleep(SETTLE_EVERY_S)


async def _slots_left(rig: Rig, probes: Probes, within_s: float) -> list[str]:
    """Which workers are still busy, of those that tell it after everything has ended."""
    ended = time.time()
    while True:
        slots = await read_slots(rig, probes)
        if time.time() > ended + within_s or all(each.at > ended for each in slots):
            break
        await asyncio.sleep(SETTLE_EVERY_S)
    return [
        f"slots: {each.worker} holds {each.used}" for each in slots if each.at > ended and each.used
    ]
