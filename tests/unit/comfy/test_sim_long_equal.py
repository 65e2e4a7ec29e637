"""A chain of prompts gives the frames that one graph for the whole video gives."""

from pathlib import Path

import numpy as np

from tests.unit.comfy.comfy_factory import node, served
from tests.unit.comfy.sim_long_factory import (
    CHUNK_FRAMES,
    LENGTH,
    NET,
    SEGMENTS,
    add_long_media,
    add_masks,
    chain,
    first_chunk,
    hand_over,
    joined,
    make,
    mix_segment,
    next_chunk,
    segment,
    whole_mix,
    whole_move,
    whole_voice,
)


async def test_chained_move_is_the_whole_move(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        whole = (await make(bench, whole_move())).frames
        assert len(whole) == LENGTH + (SEGMENTS - 1) * NET
        following = [lambda file, n=n: segment(n, previous=file) for n in (1, 2)]
        assert np.array_equal(joined(await chain(bench, segment(0), *following)), whole)


async def test_segments_on_the_whole_clip_are_those_on_their_slices(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        first = await make(bench, segment(0))
        previous = await hand_over(bench, first.latent)
        on_slice = await make(bench, segment(1, previous=previous))
        graph = segment(1, previous=previous, video_frame_offset=LENGTH)
        graph["motion"]["inputs"]["file"] = "motion.mp4"
        assert np.array_equal((await make(bench, graph)).frames, on_slice.frames)


async def test_chained_mix_is_the_whole_mix(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        whole = (await make(bench, whole_mix())).frames
        await add_masks(bench)
        following = [lambda file, n=n: mix_segment(n, previous=file) for n in (1, 2)]
        assert np.array_equal(joined(await chain(bench, mix_segment(0), *following)), whole)


async def test_chained_performance_is_the_whole_performance(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        whole = (await make(bench, whole_voice())).frames
        assert len(whole) == SEGMENTS * CHUNK_FRAMES - 3
        following = [lambda file, n=n: next_chunk(n, file) for n in (1, 2)]
        assert np.array_equal(joined(await chain(bench, first_chunk(), *following)), whole)


async def test_another_server_goes_on_from_the_latent_alone(tmp_path: Path) -> None:
    async with served(tmp_path / "one") as one, served(tmp_path / "other") as other:
        for bench in (one, other):
            add_long_media(bench.sim.files.folder("input"))
        first = await make(one, segment(0))
        (other.sim.files.folder("input") / "motion-0.mp4").unlink()
        made = [
            await make(bench, segment(1, previous=await hand_over(bench, first.latent)))
            for bench in (one, other)
        ]
        assert np.array_equal(made[0].frames, made[1].frames)


async def test_masks_are_a_picture_for_each_frame_of_the_clip(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        masks = await add_masks(bench)
        assert len(masks) == LENGTH + (SEGMENTS - 1) * NET
        assert np.unique(masks[:, :, :, 0] > 128).tolist() == [False, True]
        assert not np.array_equal(masks[0], masks[NET])
        names = sorted(path.name for path in (tmp_path / "output" / "masks").iterdir())
        assert names[::52] == ["m_00001_.png", "m_00053_.png"]


async def test_second_batch_is_counted_on_from_the_first(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        for colour in (1, 2):
            image = node("EmptyImage", width=16, height=16, batch_size=2, color=colour)
            save = node("SaveImage", images=["image", 0], filename_prefix="batch")
            await make(bench, {"image": image, "save": save})
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == [
        f"batch_0000{number}_.png" for number in (1, 2, 3, 4)
    ]
