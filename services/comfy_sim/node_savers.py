import json
import random
import string
from collections import deque
from collections.abc import Iterator
from typing import Any

from services.comfy_sim.encode import (
    SOUND_RATE,
    png_bytes,
    write_animation,
    write_flac,
    write_mp4,
)
from services.comfy_sim.files import SavedFile, expand
from services.comfy_sim.latent_file import write_latent
from services.comfy_sim.media import Frame, read_sound
from services.comfy_sim.node_loaders import watch
from services.comfy_sim.render import Painter
from services.comfy_sim.run import Inputs, Report, Run
from services.comfy_sim.values import Images, Latent

LATENT_SIZE = (512, 512)
"""ComfyUI expands %width% and %height% to this where a saver has no picture."""

REMEMBERED = 8
"""Pictures a batch's further ones may be the same as."""


def save_video(run: Run, inputs: Inputs) -> dict[str, Any]:
    video = watch(run.files, inputs["video"])
    size = (video.images.width, video.images.height)
    file = run.files.next_output(inputs["filename_prefix"], ".mp4", size)
    sound = None
    if video.sound is not None:
        sound = read_sound(run.files.base / video.sound.path, SOUND_RATE, "stereo")
    write_mp4(file.path, _frames(run, video.images), video.fps, _metadata(run), sound)
    return {"images": [file.entry()], "animated": [True]}


def save_images(run: Run, inputs: Inputs) -> dict[str, Any]:
    images: Images = inputs["images"]
    prefix = expand(inputs["filename_prefix"], (images.width, images.height))
    return _save_pictures(run, images, run.files.next_files("output", prefix, ".png"))


def preview_images(run: Run, inputs: Inputs) -> dict[str, Any]:
    tag = "".join(random.choices(string.ascii_lowercase, k=5))  # noqa: S311 not a secret
    files = run.files.next_files("temp", f"ComfyUI_temp_{tag}", ".png")
    return _save_pictures(run, inputs["images"], files)


def _save_pictures(run: Run, images: Images, files: Iterator[SavedFile]) -> dict[str, Any]:
    entries = []
    for content, file in zip(_pngs(run, images), files, strict=False):
        file.path.write_bytes(content)
        entries.append(file.entry())
    return {"images": entries}


def _pngs(run: Run, images: Images) -> Iterator[bytes]:
    """A frame that was shown shortly before, as masks mostly were, is encoded once."""
    metadata = _metadata(run)
    recent: deque[tuple[Frame, bytes]] = deque(maxlen=REMEMBERED)
    for frame in _frames(run, images):
        content = next((png for shown, png in recent if shown is frame), None)
        if content is None:
            content = png_bytes(frame, metadata)
            recent.append((frame, content))
        yield content


def save_latent(run: Run, inputs: Inputs) -> dict[str, Any]:
    latent: Latent = inputs["samples"]
    file = run.files.next_output(inputs["filename_prefix"], ".latent", LATENT_SIZE)
    run.before_write()
    write_latent(file.path, latent, _metadata(run))
    return {"latents": [file.entry()]}


def _frames(run: Run, images: Images) -> Iterator[Frame]:
    painter = Painter(run.files, images.width, images.height)
    for shot in images.shots:
        run.before_write()
        yield painter.paint(shot)


def _metadata(run: Run) -> dict[str, str]:
    extra = run.extra_data.get("extra_pnginfo") or {}
    shown = {key: json.dumps(value) for key, value in extra.items()}
    return {"prompt": json.dumps(run.graph), **shown}


def save_animation(run: Run, inputs: Inputs, suffix: str) -> dict[str, Any]:
    images: Images = inputs["images"]
    size = (images.width, images.height)
    file = run.files.next_output(inputs["filename_prefix"], suffix, size)
    write_animation(file.path, _frames(run, images), inputs["fps"])
    return {"images": [file.entry()], "animated": [len(images.shots) > 1]}


def save_animated_png(run: Run, inputs: Inputs) -> dict[str, Any]:
    return save_animation(run, inputs, ".png")


def save_animated_webp(run: Run, inputs: Inputs) -> dict[str, Any]:
    return save_animation(run, inputs, ".webp")


def save_audio(run: Run, inputs: Inputs) -> dict[str, Any]:
    file = run.files.next_output(inputs["filename_prefix"], ".flac", LATENT_SIZE)
    run.before_write()
    write_flac(file.path, read_sound(run.files.base / inputs["audio"].path, SOUND_RATE, "stereo"))
    return {"audio": [file.entry()]}


def show_anything(run: Run, inputs: Inputs) -> dict[str, Any]:
    return {"text": [str(inputs["source"])]}


SAVERS: dict[str, Report] = {
    "SaveVideo": save_video,
    "SaveImage": save_images,
    "PreviewImage": preview_images,
    "SaveLatent": save_latent,
    "SaveAnimatedPNG": save_animated_png,
    "SaveAnimatedWEBP": save_animated_webp,
    "SaveAudio": save_audio,
    "PreviewAny": show_anything,
}
