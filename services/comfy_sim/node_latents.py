"""The nodes that decide how long a result is. Their arithmetic is ComfyUI's."""

from dataclasses import replace

from services.comfy_sim.run import Inputs, Node, Run
from services.comfy_sim.sway import join_frames, join_moments
from services.comfy_sim.values import (
    FRAMES_PER_LATENT,
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
    Spot,
    Strip,
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
    before = _frames_before(inputs)
    offset = max(inputs["video_frame_offset"] - len(before), 0)
    background: Images | None = inputs.get("background_video")
    scene = Scene(
        kind=SceneKind.MOVE if background is None else SceneKind.MIX,
        picture=_picture(inputs.get("reference_image")),
        clip=_strip(background or inputs.get("pose_video") or inputs.get("face_video"), offset),
        mask=_strip(_masks(inputs), offset),
        join=join_frames(before, len(before) - 1),
        haze=max(map(_haze, before), default=0),
    )
    steps = range(-1, latent_length(length))
    latent = empty_latent((inputs["width"], inputs["height"]), scene, steps)
    again = max(latent_length(len(before)) * FRAMES_PER_LATENT - 3, 0)
    return inputs["positive"], inputs["negative"], latent, 1, again, offset + length


def _frames_before(inputs: Inputs) -> tuple[Shot, ...]:
    """The end of the segment before, which is made again."""
    before: Images | None = inputs.get("continue_motion")
    return () if before is None else before.shots[-inputs["continue_motion_max_frames"] :]


def _haze(shot: Shot) -> int:
    earlier = shot.source.haze if isinstance(shot.source, Scene) else 0
    return max(shot.haze, earlier)


def _masks(inputs: Inputs) -> Mask | None:
    """A single one is for every frame."""
    mask: Mask | None = inputs.get("character_mask")
    if mask is None or len(mask.shots) > 1:
        return mask
    frames = inputs["video_frame_offset"] + inputs["length"]
    return replace(mask, shots=mask.shots * frames)


def _strip(batch: Images | Mask | None, offset: int) -> Strip | None:
    """From the frame `offset` on. None when the batch ends before: the real model then gets
    nothing to follow."""
    if batch is None or offset >= len(batch.shots):
        return None
    shot = batch.shots[offset]
    if not isinstance(shot.source, Clip | Spot):
        return None
    return Strip(source=shot.source, start=shot.index, stop=shot.index + len(batch.shots) - offset)


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
    scene = _voice(inputs).model_copy(update={"join": join_moments(done.moments)})
    latent = empty_latent((done.width, done.height), scene, steps)
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
