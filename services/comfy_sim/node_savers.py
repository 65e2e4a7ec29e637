import json
import random
import string
from collections.abc import Iterator
from typing import Any

from services.comfy_sim.encode import SOUND_RATE, write_latent, write_mp4, write_png
from services.comfy_sim.media import Frame, read_sound
from services.comfy_sim.render import Painter
from services.comfy_sim.run import Inputs, Run, Saver
from services.comfy_sim.values import Images, Latent, Video

LATENT_SIZE = (512, 512)
"""ComfyUI expands %width% and %height% to this where a saver has no picture."""


def save_video(run: Run, inputs: Inputs) -> dict[str, Any]:
    video: Video = inputs["video"]
    size = (video.images.width, video.images.height)
    file = run.files.next_output(inputs["filename_prefix"], ".mp4", size)
    sound = None
    if video.sound is not None:
        sound = read_sound(run.files.base / video.sound.path, SOUND_RATE, "stereo")
    write_mp4(file.path, _frames(run, video.images), video.fps, _metadata(run), sound)
    return {"images": [file.entry()], "animated": [True]}


def save_images(run: Run, inputs: Inputs) -> dict[str, Any]:
    images: Images = inputs["images"]
    size = (images.width, images.height)
    entries = []
    for number, frame in enumerate(_frames(run, images)):
        prefix = inputs["filename_prefix"].replace("%batch_num%", str(number))
        file = run.files.next_output(prefix, ".png", size)
        write_png(file.path, frame, _metadata(run))
        entries.append(file.entry())
    return {"images": entries}


def preview_images(run: Run, inputs: Inputs) -> dict[str, Any]:
    tag = "".join(random.choices(string.ascii_lowercase, k=5))  # noqa: S311 not a secret
    entries = []
    for frame in _frames(run, inputs["images"]):
        file = run.files.next_file("temp", f"ComfyUI_temp_{tag}", ".png")
        write_png(file.path, frame, _metadata(run))
        entries.append(file.entry())
    return {"images": entries}


def save_latent(run: Run, inputs: Inputs) -> dict[str, Any]:
    latent: Latent = inputs["samples"]
    file = run.files.next_output(inputs["filename_prefix"], ".latent", LATENT_SIZE)
    write_latent(file.path, latent, _metadata(run))
    return {"latents": [file.entry()]}


def _frames(run: Run, images: Images) -> Iterator[Frame]:
    painter = Painter(run.files, images.width, images.height)
    for shot in images.shots:
        run.pause(0)
        yield painter.paint(shot)


def _metadata(run: Run) -> dict[str, str]:
    extra = {key: json.dumps(value) for key, value in run.extra_pnginfo.items()}
    return {"prompt": json.dumps(run.graph), **extra}


SAVERS: dict[str, Saver] = {
    "SaveVideo": save_video,
    "SaveImage": save_images,
    "PreviewImage": preview_images,
    "SaveLatent": save_latent,
}
