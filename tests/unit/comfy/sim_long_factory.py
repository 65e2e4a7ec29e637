"""Videos in three segments, of 64 x 96: as a chain of prompts, and in one graph to compare with.

Frames are saved as pictures: those are compared to the bit.
"""

import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proto.render import BackendFile
from tests.unit.comfy.comfy_factory import Bench, Graph, models, node, sampler, voice
from tests.unit.comfy.comfy_factory import move as one_segment

WIDTH, HEIGHT = 64, 96
LENGTH, AGAIN = 21, 5
NET = LENGTH - AGAIN
SEGMENTS = 3
SEEDS = (11, 22, 33)
CHUNK_LATENTS = 20
CHUNK_FRAMES = 80

VISIBLE_LEVELS = 24
VISIBLE_SHARE = 0.004

Frames = NDArray[np.uint8]
"""(count, height, width, 3)."""


def add_long_media(folder: Path) -> None:
    """picture.png, motion.mp4 as long as the segments, motion-0.mp4 to -2 as their slices of it,
    and voice.wav of 16 s. Clips are lossless."""
    rows, columns = np.mgrid[0:120, 0:90]
    colours = np.stack([columns * 2, rows * 2, (rows // 9 + columns // 9) % 2 * 200], axis=2)
    Image.fromarray(colours.astype(np.uint8)).save(folder / "picture.png")
    clip = moving_square(NET * SEGMENTS + AGAIN)
    write_lossless(folder / "motion.mp4", clip)
    for number, part in enumerate(slices(clip)):
        write_lossless(folder / f"motion-{number}.mp4", part)
    times = np.arange(16 * 16_000) / 16_000
    loud = np.sin(times * 2_000) * (1 + np.sin(times * 5) * np.cos(times * 0.7)) * 10_000
    with wave.open(str(folder / "voice.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(loud.astype("<i2").tobytes())


def moving_square(count: int) -> Frames:
    clip = np.full((count, HEIGHT, WIDTH, 3), 30, np.uint8)
    for index, frame in enumerate(clip):
        left = index * 7 % 44
        frame[30:60, left : left + 20] = (240, 240 - 3 * index, 4 * index)
    return clip


def slices(clip: Frames) -> list[Frames]:
    """What each segment needs of a clip; neighbours share the frames that are made again."""
    return [clip[number * NET :][:LENGTH] for number in range(SEGMENTS)]


def write_lossless(path: Path, frames: Iterable[Frames]) -> None:
    with av.open(path, "w", format="mp4") as container:
        options = {"qp": "0", "preset": "ultrafast"}
        stream = container.add_stream("libx264rgb", rate=Fraction(16), options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "rgb24"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))


def segment(
    number: int, *, previous: str | None = None, seed: int | None = None, **animate: Any
) -> Graph:
    """One segment of a move on its own slice. previous: the latent file of the one before."""
    graph = one_segment(length=LENGTH, frames=4096)
    for name in ("video", "save"):
        del graph[name]
    graph["motion"]["inputs"]["file"] = f"motion-{number}.mp4"
    graph["sampler"]["inputs"]["seed"] = SEEDS[number] if seed is None else seed
    graph["latent"] = node("SaveLatent", samples=["trim", 0], filename_prefix="latent/part")
    graph["save"] = node("SaveImage", images=["cut", 0], filename_prefix="frames/part")
    if previous is not None:
        graph["loaded"] = node("LoadLatent", latent=previous)
        graph["before"] = node("VAEDecode", samples=["loaded", 0], vae=["vae", 0])
        graph["cut"]["inputs"]["batch_index"] = ["animate", 4]
        continued = {"continue_motion": ["before", 0], "video_frame_offset": AGAIN}
        graph["animate"]["inputs"] |= continued
    graph["animate"]["inputs"] |= animate
    return graph


def mix_segment(number: int, *, previous: str | None = None, masks: str | None = None) -> Graph:
    """masks: another file than the segment's own."""
    graph = segment(number, previous=previous)
    graph["mask_file"] = node("LoadVideo", file=masks or f"masks-{number}.mp4")
    graph["mask_frames"] = node("GetVideoComponents", video=["mask_file", 0])
    graph["mask"] = node("ImageToMask", image=["mask_frames", 0], channel="red")
    return graph | mixed(graph, "animate")


def mixed(graph: Graph, name: str) -> Graph:
    """The node that animates, with the clip and the mask to stand in."""
    given = {"background_video": ["behind", 0], "character_mask": ["mask", 0]}
    return {
        "behind": node("DrawMaskOnImage", image=["frames", 0], mask=["mask", 0], color="0, 0, 0"),
        name: {**graph[name], "inputs": graph[name]["inputs"] | given},
    }


def tracking(model: str = "sam2_hiera_tiny.safetensors") -> Graph:
    """From the clip `frames` to its masks `mask`."""
    loader = {"segmentor": "video", "device": "cpu", "precision": "fp32"}
    return {
        "tracker": node("DownloadAndLoadSAM2Model", model=model, **loader),
        "tracked": node(
            "Sam2Segmentation",
            sam2_model=["tracker", 0],
            image=["frames", 0],
            keep_model_loaded=False,
            coordinates_positive='[{"x": 24, "y": 48}]',
        ),
        "grown": node("GrowMask", mask=["tracked", 0], expand=10, tapered_corners=True),
        "mask": node("BlockifyMask", masks=["grown", 0], block_size=32),
    }


def mask_pictures() -> Graph:
    """Every mask of the whole clip, a picture each."""
    return {
        "motion": node("LoadVideo", file="motion.mp4"),
        "frames": node("GetVideoComponents", video=["motion", 0]),
        **tracking(),
        "shown": node("MaskToImage", mask=["mask", 0]),
        "save": node("SaveImage", images=["shown", 0], filename_prefix="masks/m"),
    }


def whole_move() -> Graph:
    """All segments of a move in one graph, on the whole clip."""
    graph = one_segment(length=LENGTH, frames=4096)
    first = {name: graph.pop(name) for name in ("animate", "sampler", "trim", "decode", "cut")}
    for name in ("video", "save"):
        del graph[name]
    for number in range(SEGMENTS):
        graph |= _numbered(first, number)
        graph[f"sampler{number}"]["inputs"]["seed"] = SEEDS[number]
    for before, after in pairwise(range(SEGMENTS)):
        continued = {
            "continue_motion": [f"decode{before}", 0],
            "video_frame_offset": [f"animate{before}", 5],
        }
        graph[f"animate{after}"]["inputs"] |= continued
        graph[f"cut{after}"]["inputs"]["batch_index"] = [f"animate{after}", 4]
    return graph | _joined("cut")


def _numbered(nodes: Graph, number: int) -> Graph:
    """The nodes under names of their own, linked to each other."""

    def own(value: Any) -> Any:
        linked = isinstance(value, list) and value[0] in nodes
        return [f"{value[0]}{number}", value[1]] if linked else value

    return {
        f"{name}{number}": {**spec, "inputs": {key: own(v) for key, v in spec["inputs"].items()}}
        for name, spec in nodes.items()
    }


def _joined(part: str) -> Graph:
    return {
        "two": node("ImageBatch", image1=[f"{part}0", 0], image2=[f"{part}1", 0]),
        "all": node("ImageBatch", image1=["two", 0], image2=[f"{part}2", 0]),
        "save": node("SaveImage", images=["all", 0], filename_prefix="frames/whole"),
    }


def whole_mix() -> Graph:
    graph = whole_move() | tracking()
    for number in range(SEGMENTS):
        graph |= mixed(graph, f"animate{number}")
    return graph


def first_chunk() -> Graph:
    graph = voice(frames=4096)
    for name in ("video", "save"):
        del graph[name]
    graph["sampler"]["inputs"]["seed"] = SEEDS[0]
    return graph | {
        "latent": node("SaveLatent", samples=["sampler", 0], filename_prefix="latent/part"),
        "save": node("SaveImage", images=["cut", 0], filename_prefix="frames/part"),
    }


def next_chunk(
    number: int, previous: str, *, done: int | None = None, context: bool = True
) -> Graph:
    """done: the chunks it is told were made. context: decode the chunk before with it."""
    chunks = number if done is None else done
    amount = {"index": -CHUNK_LATENTS * chunks, "amount": CHUNK_LATENTS * chunks}
    first = first_chunk()
    perform = first["perform"]["inputs"]
    kept = {name: perform[name] for name in ("positive", "negative", "vae", "ref_image")}
    sound = {"audio_encoder_output": ["heard", 0]}
    cut = {"batch_index": 77, "length": CHUNK_FRAMES} if context else {}
    graph = {
        **models(),
        "loaded": node("LoadLatent", latent=previous),
        "double": _in_time("loaded", "loaded"),
        "more": _in_time("double", "double"),
        "history": node("LatentCut", samples=["more", 0], dim="t", **amount),
        "perform": node(
            "WanSoundImageToVideoExtend",
            video_latent=["history", 0],
            length=77,
            **kept,
            **sound,
        ),
        "sampler": sampler("perform"),
        "context": _in_time("loaded", "sampler"),
        "decode": node(
            "VAEDecode", samples=["context" if context else "sampler", 0], vae=["vae", 0]
        ),
        "cut": node(
            "ImageFromBatch", image=["decode", 0], **{"batch_index": 0, "length": 80, **cut}
        ),
    }
    graph["sampler"]["inputs"]["seed"] = SEEDS[number]
    return graph | {name: first[name] for name in ("sound", "encoder", "heard", "latent", "save")}


def _in_time(first: str, second: str) -> dict[str, Any]:
    return node("LatentConcat", samples1=[first, 0], samples2=[second, 0], dim="t")


def whole_voice() -> Graph:
    graph = first_chunk()
    del graph["latent"]
    made = "sampler"
    for number in range(1, SEGMENTS):
        chunk = next_chunk(number, "unused")
        graph[f"perform{number}"] = chunk["perform"]
        graph[f"perform{number}"]["inputs"]["video_latent"] = [made, 0]
        graph[f"sampler{number}"] = sampler(f"perform{number}")
        graph[f"sampler{number}"]["inputs"]["seed"] = SEEDS[number]
        graph[f"made{number}"] = _in_time(made, f"sampler{number}")
        made = f"made{number}"
    graph["whole"]["inputs"]["samples2"] = [made, 0]
    return graph


@dataclass(frozen=True)
class Made:
    """latent: the file that was saved beside the frames; empty where none was."""

    frames: Frames
    latent: bytes


async def make(bench: Bench, graph: Graph) -> Made:
    wanted = [name for name in ("save", "latent") if name in graph]
    outcome = await bench.finish(await bench.submit(graph), *wanted)
    assert outcome.cause is None, outcome.cause

    def path(file: BackendFile) -> Path:
        return bench.sim.files.folder(file.type) / file.subfolder / file.filename

    frames = [np.asarray(Image.open(path(file))) for file in outcome.files["save"]]
    latents = [path(file).read_bytes() for file in outcome.files.get("latent", [])]
    return Made(np.stack(frames), b"".join(latents))


async def hand_over(bench: Bench, content: bytes, name: str = "part.latent") -> str:
    """Upload a file, and give the name that a loader knows it by."""
    answer = await bench.comfy.http.post(
        "/upload/image", data={"subfolder": "jobs/j1"}, files={"image": (name, content)}
    )
    stored = answer.json()
    return f"{stored['subfolder']}/{stored['name']}"


async def add_masks(bench: Bench) -> Frames:
    """Track the person through the whole clip, and give each segment its masks as a clip."""
    masks = (await make(bench, mask_pictures())).frames
    for number, part in enumerate(slices(masks)):
        write_lossless(bench.sim.files.folder("input") / f"masks-{number}.mp4", part)
    return masks


async def chain(bench: Bench, first: Graph, *following: Callable[[str], Graph]) -> list[Made]:
    """following: make a graph of the file in which the latent before is."""
    made = [await make(bench, first)]
    for graph in following:
        made.append(await make(bench, graph(await hand_over(bench, made[-1].latent))))
    return made


def joined(parts: Iterable[Made]) -> Frames:
    return np.concatenate([part.frames for part in parts])


def differing(frames: Frames, others: Frames) -> float:
    """The share of frames in which somebody would see a difference."""
    count = min(len(frames), len(others))
    apart = np.abs(frames[:count].astype(int) - others[:count]).max(axis=3) > VISIBLE_LEVELS
    return float((apart.mean(axis=(1, 2)) > VISIBLE_SHARE).mean())
