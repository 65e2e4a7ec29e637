"""What is seen at the joins of a chain: a gap goes around in the stripe under the mark."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.unit.comfy.comfy_factory import served
from tests.unit.comfy.sim_long_factory import (
    AGAIN,
    WIDTH,
    Frames,
    add_long_media,
    chain,
    differing,
    first_chunk,
    hand_over,
    joined,
    make,
    next_chunk,
    segment,
)

STEP = WIDTH // 32 + 1
"""Pixels the gap goes in a frame at most."""


def steps(frames: Frames) -> list[int]:
    """How far the gap goes from each frame to the next, whichever way is shorter."""
    moved = [abs(after - before) for before, after in pairwise(map(_gap, frames))]
    return [min(step, WIDTH - step) for step in moved]


def _gap(frame: Frames) -> int:
    """Its left end. The stripe is the first row that is mostly not as dark as the band."""
    dark = (frame == frame[0, 0]).all(axis=2)
    stripe = dark[np.argmax(dark.mean(axis=1) < 0.25)]
    (start,) = np.flatnonzero(stripe & ~np.roll(stripe, 1))
    return int(start)


async def test_move_sways_on_over_its_joins(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        following = [lambda file, n=n: segment(n, previous=file) for n in (1, 2)]
        assert max(steps(joined(await chain(bench, segment(0), *following)))) <= STEP


async def test_performance_sways_on_over_its_joins(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        following = [lambda file, n=n: next_chunk(n, file) for n in (1, 2)]
        assert max(steps(joined(await chain(bench, first_chunk(), *following)))) <= STEP


async def test_segment_that_continues_nothing_jumps(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        first, alone = await make(bench, segment(0)), await make(bench, segment(1))
        assert max(steps(np.concatenate([first.frames, alone.frames[AGAIN:]]))) > STEP


async def test_segment_made_again_joins_and_is_another_one(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        first = await make(bench, segment(0))
        previous = await hand_over(bench, first.latent)
        one = await make(bench, segment(1, previous=previous))
        other = await make(bench, segment(1, previous=previous, seed=77))
        assert max(steps(joined([first, other]))) <= STEP
        assert differing(one.frames, other.frames) == 1
