from fractions import Fraction

from services.comfy_sim.files import FileStore
from services.comfy_sim.latent_file import read_latent
from services.comfy_sim.media import check_sound, probe_clip, read_picture
from services.comfy_sim.run import Inputs, Node, Run
from services.comfy_sim.values import (
    Clip,
    Colour,
    Footage,
    Images,
    Mask,
    Picture,
    Scene,
    SceneKind,
    Shot,
    Sound,
    Values,
    Video,
    empty_latent,
)

EMPTY_MASK = 64
"""LoadImage's mask of a picture without alpha is this many black pixels in both directions."""


def load_image(run: Run, inputs: Inputs) -> Values:
    path = run.files.find_input(inputs["image"])
    picture = read_picture(path)
    shots = (Shot(Picture(run.files.relative(path))),)
    black = (Shot(Colour(0, 0, 0)),)
    return Images(picture.width, picture.height, shots), Mask(EMPTY_MASK, EMPTY_MASK, black)


def load_image_mask(run: Run, inputs: Inputs) -> Values:
    images, _ = load_image(run, inputs)
    return (Mask(images.width, images.height, images.shots),)


def load_video(run: Run, inputs: Inputs) -> Values:
    """Any file is taken: it is opened by the first node that needs its frames."""
    return (Footage(run.files.relative(run.files.find_input(inputs["file"]))),)


def watch(files: FileStore, video: Video | Footage) -> Video:
    if isinstance(video, Video):
        return video
    facts = probe_clip(files.base / video.path)
    source = Clip(video.path)
    shots = tuple(Shot(source, index) for index in range(facts.frames))
    sound = Sound(video.path) if facts.has_sound else None
    return Video(Images(facts.width, facts.height, shots), facts.fps, sound)


def video_components(run: Run, inputs: Inputs) -> Values:
    video = watch(run.files, inputs["video"])
    return video.images, video.sound, float(video.fps)


def create_video(run: Run, inputs: Inputs) -> Values:
    fps = Fraction(round(inputs["fps"] * 1000), 1000)
    return (Video(inputs["images"], fps, inputs.get("audio")),)


def load_audio(run: Run, inputs: Inputs) -> Values:
    path = run.files.find_input(inputs["audio"])
    check_sound(path)
    return (Sound(run.files.relative(path)),)


def encode_audio(run: Run, inputs: Inputs) -> Values:
    return (inputs["audio"],)


def load_latent(run: Run, inputs: Inputs) -> Values:
    return (read_latent(run.files.find_input(inputs["latent"])),)


def empty_latent_image(run: Run, inputs: Inputs) -> Values:
    scene = Scene(kind=SceneKind.MOVE, picture=None)
    return (empty_latent((inputs["width"], inputs["height"]), scene, range(inputs["batch_size"])),)


def empty_image(run: Run, inputs: Inputs) -> Values:
    red, green, blue = inputs["color"].to_bytes(3, "big")
    shots = (Shot(Colour(red, green, blue)),) * inputs["batch_size"]
    return (Images(inputs["width"], inputs["height"], shots),)


LOADERS: dict[str, Node] = {
    "LoadImage": load_image,
    "LoadImageOutput": load_image,
    "LoadImageMask": load_image_mask,
    "LoadVideo": load_video,
    "GetVideoComponents": video_components,
    "CreateVideo": create_video,
    "LoadAudio": load_audio,
    "AudioEncoderEncode": encode_audio,
    "LoadLatent": load_latent,
    "EmptyImage": empty_image,
    "EmptyLatentImage": empty_latent_image,
}
