from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from proto.render import PromptEnd
from services.comfy_sim.faults import Oom
from tests.unit.comfy.comfy_factory import (
    Bench,
    Graph,
    Watched,
    add_media,
    mix,
    move,
    node,
    sampler,
    saved,
    served,
    still,
    voice,
    watch,
)
from tests.unit.comfy.sim_long_factory import tracking


async def rendered(base_dir: Path, graph: Graph) -> Watched:
    async with served(base_dir) as bench:
        add_media(bench.sim.files.folder("input"))
        return watch(await bench.render(graph))


async def test_move_has_the_frames_its_length_gives(tmp_path: Path) -> None:
    video = await rendered(tmp_path, move(length=21, frames=4096))
    assert (video.width, video.height, video.frames) == (64, 96, 21)
    assert (video.codec, video.fps) == ("h264", Fraction(16))


async def test_length_beside_the_grid_gives_fewer_frames(tmp_path: Path) -> None:
    assert (await rendered(tmp_path, move(length=20, frames=4096))).frames == 17


async def test_move_is_cut_to_the_frames_that_are_kept(tmp_path: Path) -> None:
    assert (await rendered(tmp_path, move(length=21, frames=18))).frames == 18


async def test_mix_has_the_frames_its_length_gives(tmp_path: Path) -> None:
    assert (await rendered(tmp_path, mix())).frames == 21


async def test_clip_shorter_than_the_segment_still_gives_every_frame(tmp_path: Path) -> None:
    assert (await rendered(tmp_path, move(length=77, frames=77))).frames == 77


async def test_twenty_latents_and_one_doubled_give_77_frames_of_81(tmp_path: Path) -> None:
    assert (await rendered(tmp_path, voice(frames=4096))).frames == 77
    assert (await rendered(tmp_path / "cut", voice(frames=40))).frames == 40


async def test_video_carries_the_graph_and_the_jobs_own_metadata(tmp_path: Path) -> None:
    metadata = (await rendered(tmp_path, move())).metadata
    assert '"class_type": "WanAnimateToVideo"' in metadata["prompt"]
    assert metadata["job"] == '"j1"'


async def test_every_frame_is_marked(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        path = await bench.render(mix())
    with av.open(path) as container:
        for frame in container.decode(video=0):
            band = frame.to_ndarray(format="rgb24")[:8].astype(int)
            assert band.min() < 60
            assert band[:, :, 0].max() - band[:, :, 2].min() > 100


async def test_frames_change_with_the_clip(tmp_path: Path) -> None:
    graph = mix() | tracking()
    graph["animate"]["inputs"]["character_mask"] = ["mask", 0]
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        path = await bench.render(graph)
    with av.open(path) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 1


async def continued(bench: Bench) -> Path:
    """The second segment of a move, from the latent the first one saved."""
    first = move()
    first["latent"] = node("SaveLatent", samples=["trim", 0], filename_prefix="job/first")
    await bench.render(first)
    second = move(length=21, frames=4096, continue_motion=["before", 0])
    second["loaded"] = node("LoadLatent", latent="job/first_00001_.latent [output]")
    second["before"] = node("VAEDecode", samples=["loaded", 0], vae=["vae", 0])
    second["animate"]["inputs"]["video_frame_offset"] = ["offset", 5]
    second["offset"] = first["animate"]
    second["cut"]["inputs"]["batch_index"] = ["animate", 4]
    return await bench.render(second)


async def test_next_segment_adds_its_frames_without_the_repeated_ones(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        assert watch(await continued(bench)).frames == 21 - 5


async def test_next_chunk_reads_the_sound_where_the_last_ended(tmp_path: Path) -> None:
    graph = voice() | {
        "extend": node(
            "WanSoundImageToVideoExtend",
            positive=["text", 0],
            negative=["text", 0],
            vae=["vae", 0],
            length=77,
            video_latent=["sampler", 0],
            audio_encoder_output=["heard", 0],
            ref_image=["picture", 0],
        ),
        "resampled": sampler("extend"),
        "longer": node("LatentConcat", samples1=["sampler", 0], samples2=["resampled", 0], dim="t"),
    }
    graph["whole"]["inputs"]["samples2"] = ["longer", 0]
    graph["cut"]["inputs"]["length"] = 4096
    assert (await rendered(tmp_path, graph)).frames == 157


async def test_video_keeps_the_sound_it_is_given(tmp_path: Path) -> None:
    graph = voice(frames=16)
    graph["video"]["inputs"]["audio"] = ["sound", 0]
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        path = await bench.render(graph)
    with av.open(path) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert 44_100 <= samples < 44_100 + 3 * 1024


async def test_sound_from_a_silent_clip_fails_at_run_time(tmp_path: Path) -> None:
    graph = voice()
    graph["sound"]["inputs"]["audio"] = "motion.mp4"
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        outcome = await bench.finish(await bench.submit(graph), "save")
    assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "sound")
    assert outcome.cause is not None
    assert "No audio stream found" in outcome.cause


async def test_prefix_that_leaves_the_output_folder_fails_at_run_time(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        outcome = await bench.finish(await bench.submit(still("../../evil")), "save")
        assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "save")


async def test_sizes_are_cut_to_whole_latent_cells(tmp_path: Path) -> None:
    graph = move()
    graph["animate"]["inputs"] |= {"width": 100, "height": 64}
    video = await rendered(tmp_path, graph)
    assert (video.width, video.height) == (96, 64)


async def test_clip_is_saved_as_it_was_loaded(tmp_path: Path) -> None:
    graph = {"motion": node("LoadVideo", file="motion.mp4"), **saved("motion")}
    graph["save"]["inputs"]["video"] = ["motion", 0]
    del graph["video"]
    video = await rendered(tmp_path, graph)
    assert (video.width, video.height, video.frames) == (64, 96, 30)


async def test_output_that_is_ready_comes_before_the_rest(tmp_path: Path) -> None:
    graph = move()
    graph["latent"] = node("SaveLatent", samples=["sampler", 0], filename_prefix="early")
    async with served(tmp_path, faults=(Oom(node="VAEDecode"),)) as bench:
        add_media(bench.sim.files.folder("input"))
        entry = await bench.entry(await bench.submit(graph))
        assert list(entry["outputs"]) == ["latent"]


async def test_loaded_file_is_opened_by_the_node_that_needs_it(tmp_path: Path) -> None:
    graph = {"motion": node("LoadVideo", file="page.html"), **saved("motion")}
    graph["save"]["inputs"]["video"] = ["motion", 0]
    del graph["video"]
    async with served(tmp_path) as bench:
        (bench.sim.files.folder("input") / "page.html").write_text("<p>")
        outcome = await bench.finish(await bench.submit(graph), "save")
        assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "save")


@pytest.mark.parametrize("name", [".", "", "page.html"])
async def test_picture_that_is_none_fails_at_run_time(tmp_path: Path, name: str) -> None:
    async with served(tmp_path) as bench:
        (bench.sim.files.folder("input") / "page.html").write_text("<p>")
        graph = {**still(), "image": node("LoadImage", image=name)}
        outcome = await bench.finish(await bench.submit(graph), "save")
        assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "image")


async def test_pose_estimator_tells_a_text_for_each_frame(tmp_path: Path) -> None:
    graph = move()
    graph["pose"] = node("DWPreprocessor", image=["frames", 0], resolution=512)
    graph["animate"]["inputs"]["pose_video"] = ["pose", 0]
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        entry = await bench.entry(await bench.submit(graph))
        assert len(entry["outputs"]["pose"]["openpose_json"]) == 30
        assert entry["outputs"]["save"]["images"]


@pytest.mark.parametrize(
    ("saver", "inputs", "animated"),
    [
        ("SaveAnimatedWEBP", {"lossless": True, "quality": 80, "method": "default"}, [True]),
        ("SaveAnimatedPNG", {"compress_level": 4}, [True]),
    ],
)
async def test_animation_is_told_apart_from_a_picture(
    tmp_path: Path, saver: str, inputs: dict[str, Any], animated: list[bool]
) -> None:
    graph = still()
    graph["image"]["inputs"]["batch_size"] = 3
    graph["save"] = node(saver, images=["image", 0], filename_prefix="a", fps=6.0, **inputs)
    async with served(tmp_path) as bench:
        entry = await bench.entry(await bench.submit(graph))
        assert entry["outputs"]["save"]["animated"] == animated


async def test_sound_is_saved_by_itself(tmp_path: Path) -> None:
    graph = {
        "sound": node("LoadAudio", audio="voice.wav"),
        "save": node("SaveAudio", audio=["sound", 0], filename_prefix="audio/a"),
    }
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        entry = await bench.entry(await bench.submit(graph))
        file = {"filename": "a_00001_.flac", "subfolder": "audio", "type": "output"}
        assert entry["outputs"] == {"save": {"audio": [file]}}
    with av.open(tmp_path / "output" / "audio" / "a_00001_.flac") as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == 2 * 44_100


async def test_latent_without_a_model_goes_to_a_file_and_back(tmp_path: Path) -> None:
    first = {
        "empty": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "save": node("SaveLatent", samples=["empty", 0], filename_prefix="l"),
    }
    second = {
        "load": node("LoadLatent", latent="l_00001_.latent [output]"),
        "save": node("SaveLatent", samples=["load", 0], filename_prefix="again"),
    }
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(first))
        outcome = await bench.finish(await bench.submit(second), "save")
        assert outcome.cause is None
