"""The nodes that decide how long a result is. Their arithmetic is ComfyUI's."""

from services.comfy_sim.run import Inputs, Node, Run
from services.comfy_sim.values import (
    Clip,
    Images,
    Latent,
    Mask,
    Moment,
    Picture,
    Scene,
    SceneKind,
    Shot,
    Sound,
    Values,
    decode,
    empty_latent,
    latent_length,
)


class BadLatent(ValueError):
    pass


def animate_to_video(run: Run, inputs: Inputs) -> Values:
    """Conditionings, the latent with the reference picture's moment first, and three counts."""
    length = inputs["length"]
    again = _repeated_frames(inputs)
    offset = max(inputs["video_frame_offset"] - again, 0)
    background: Images | None = inputs.get("background_video")
    clip = _clip_at(background or inputs.get("pose_video") or inputs.get("face_video"), offset)
    mask: Mask | None = inputs.get("character_mask")
    scene = Scene(
        kind=SceneKind.MOVE if background is None else SceneKind.MIX,
        picture=_picture(inputs.get("reference_image")),
        clip=clip.source.path if clip and isinstance(clip.source, Clip) else None,
        clip_start=clip.index if clip else 0,
        x=mask.x if mask else 0.5,
        y=mask.y if mask else 0.5,
    )
    steps = range(-1, latent_length(length))
    latent = empty_latent((inputs["width"], inputs["height"]), scene, steps)
    return inputs["positive"], inputs["negative"], latent, 1, again, offset + length


def _repeated_frames(inputs: Inputs) -> int:
    """How many frames of the segment before are given, and made again."""
    before: Images | None = inputs.get("continue_motion")
    return 0 if before is None else min(inputs["continue_motion_max_frames"], len(before.shots))


def _clip_at(images: Images | None, offset: int) -> Shot | None:
    """None when the clip ends before: the real model then gets nothing to follow."""
    return images.shots[offset] if images is not None and offset < len(images.shots) else None


def _picture(images: Images | None) -> str | None:
    match images:
        case Images(shots=(Shot(source=Picture(path=path)), *_)):
            return path
        case _:
            return None


def sound_to_video(run: Run, inputs: Inputs) -> Values:
    steps = range(latent_length(inputs["length"]))
    latent = empty_latent((inputs["width"], inputs["height"]), _voice(inputs), steps)
    return inputs["positive"], inputs["negative"], latent


def extend_sound_to_video(run: Run, inputs: Inputs) -> Values:
    """The chunk after all that was made: the sound is read from where that ends."""
    done: Latent = inputs["video_latent"]
    start = len(done.moments)
    steps = range(start, start + latent_length(inputs["length"]))
    latent = empty_latent((done.width, done.height), _voice(inputs), steps)
    return inputs["positive"], inputs["negative"], latent


def _voice(inputs: Inputs) -> Scene:
    sound: Sound | None = inputs.get("audio_encoder_output")
    return Scene(
        kind=SceneKind.VOICE,
        picture=_picture(inputs.get("ref_image")),
        sound=sound.path if sound else None,
    )


def sample(run: Run, inputs: Inputs) -> Values:
    for step in range(1, inputs["steps"] + 1):
        run.step(step, inputs["steps"])
    latent: Latent = inputs["latent_image"]
    seeded = {"seed": inputs["seed"]}
    return (
        latent.with_moments(
            tuple(
                Moment(scene=moment.scene.model_copy(update=seeded), step=moment.step)
                for moment in latent.moments
            )
        ),
    )


def trim_video_latent(run: Run, inputs: Inputs) -> Values:
    latent: Latent = inputs["samples"]
    return (latent.with_moments(latent.moments[inputs["trim_amount"] :]),)


def cut_latent(run: Run, inputs: Inputs) -> Values:
    latent = _in_time(inputs["samples"], inputs["dim"])
    count = len(latent.moments)
    index = max(min(inputs["index"], count - 1), -count)
    start = index if index >= 0 else count + index
    return (latent.with_moments(latent.moments[start : start + inputs["amount"]]),)


def concat_latents(run: Run, inputs: Inputs) -> Values:
    first = _in_time(inputs["samples1"], inputs["dim"].removeprefix("-"))
    second: Latent = inputs["samples2"]
    backwards = inputs["dim"].startswith("-")
    head, tail = (second, first) if backwards else (first, second)
    return (first.with_moments(head.moments + tail.moments),)


def _in_time(latent: Latent, dimension: str) -> Latent:
    if dimension != "t":
        raise BadLatent(f"the stand-in cuts and joins latents in time only, not in {dimension}")
    return latent


def decode_latent(run: Run, inputs: Inputs) -> Values:
    return (decode(inputs["samples"]),)


LATENT_NODES: dict[str, Node] = {
    "WanAnimateToVideo": animate_to_video,
    "WanSoundImageToVideo": sound_to_video,
    "WanSoundImageToVideoExtend": extend_sound_to_video,
    "KSampler": sample,
    "TrimVideoLatent": trim_video_latent,
    "LatentCut": cut_latent,
    "LatentConcat": concat_latents,
    "VAEDecode": decode_latent,
}
