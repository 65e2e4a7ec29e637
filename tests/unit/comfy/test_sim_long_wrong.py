"""A chain that is put together wrongly looks other than the right one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.unit.comfy.comfy_factory import Bench, Graph, node, served
from tests.unit.comfy.sim_long_factory import (
    AGAIN,
    LENGTH,
    Frames,
    add_long_media,
    add_masks,
    chain,
    differing,
    first_chunk,
    hand_over,
    make,
    mix_segment,
    next_chunk,
    segment,
    write_lossless,
)

MOST = 0.75


@dataclass(frozen=True)
class Chain:
    """The last segment's frames, and the latent files of the two before it."""

    bench: Bench
    right: Frames
    first: str
    second: str

    async def shows(self, wrong: Graph) -> bool:
        return differing(self.right, (await make(self.bench, wrong)).frames) > MOST


async def make_chain(bench: Bench, first: Graph, *following: Any) -> Chain:
    parts = await chain(bench, first, *following)
    latents = [await hand_over(bench, part.latent) for part in parts[:2]]
    return Chain(bench, parts[2].frames, *latents)


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        yield bench


@pytest_asyncio.fixture
async def move(bench: Bench) -> Chain:
    following = [lambda file, n=n: segment(n, previous=file) for n in (1, 2)]
    return await make_chain(bench, segment(0), *following)


@pytest_asyncio.fixture
async def mix(bench: Bench) -> Chain:
    await add_masks(bench)
    following = [lambda file, n=n: mix_segment(n, previous=file) for n in (1, 2)]
    return await make_chain(bench, mix_segment(0), *following)


@pytest_asyncio.fixture
async def voice(bench: Bench) -> Chain:
    following = [lambda file, n=n: next_chunk(n, file) for n in (1, 2)]
    return await make_chain(bench, first_chunk(), *following)


async def test_same_again_shows_nothing(move: Chain) -> None:
    assert not await move.shows(segment(2, previous=move.second))


async def test_continuation_of_another_segment_shows(move: Chain) -> None:
    assert await move.shows(segment(2, previous=move.first))


async def test_missing_continuation_shows(move: Chain) -> None:
    graph = segment(2)
    graph["cut"]["inputs"]["batch_index"] = AGAIN
    assert await move.shows(graph)


async def test_offset_into_the_whole_clip_shows_on_a_slice(move: Chain) -> None:
    assert await move.shows(segment(2, previous=move.second, video_frame_offset=LENGTH))


@pytest.mark.parametrize("clip", ["motion.mp4", "motion-1.mp4"])
async def test_other_part_of_the_clip_shows(move: Chain, clip: str) -> None:
    graph = segment(2, previous=move.second)
    graph["motion"]["inputs"]["file"] = clip
    assert await move.shows(graph)


async def test_repeated_frames_that_are_kept_show(move: Chain) -> None:
    graph = segment(2, previous=move.second)
    graph["cut"]["inputs"]["batch_index"] = 0
    assert await move.shows(graph)


async def test_continuation_from_the_tail_of_a_latent_shows(move: Chain) -> None:
    graph = segment(2, previous=move.second)
    graph["tail"] = node("LatentCut", samples=["loaded", 0], dim="t", index=-2, amount=2)
    graph["before"]["inputs"]["samples"] = ["tail", 0]
    assert await move.shows(graph)


async def test_masks_of_another_segment_show(mix: Chain) -> None:
    assert await mix.shows(mix_segment(2, previous=mix.second, masks="masks-0.mp4"))


async def test_too_few_masks_show(mix: Chain, bench: Bench) -> None:
    masks = await add_masks(bench)
    write_lossless(bench.sim.files.folder("input") / "few.mp4", masks[:AGAIN])
    assert await mix.shows(mix_segment(2, previous=mix.second, masks="few.mp4"))


async def test_mix_continued_from_another_segment_shows(mix: Chain) -> None:
    assert await mix.shows(mix_segment(2, previous=mix.first))


async def test_history_of_the_tail_alone_shifts_the_sound(voice: Chain) -> None:
    assert await voice.shows(next_chunk(2, voice.second, done=1))


async def test_performance_continued_from_another_chunk_shows(voice: Chain) -> None:
    assert await voice.shows(next_chunk(2, voice.first))


async def test_chunk_decoded_without_the_one_before_shows(voice: Chain, bench: Bench) -> None:
    graph = next_chunk(2, voice.second, context=False)
    assert await voice.shows(graph)
    assert len((await make(bench, graph)).frames) == 77
