import json
from dataclasses import replace
from typing import Any

from services.comfy_sim.run import Inputs, Node, Report, Run
from services.comfy_sim.values import Clip, Images, Mask, Shot, Spot, Token, Values

POSE_NUMBERS = 1600


class BadMask(ValueError):
    pass


def scale_image(run: Run, inputs: Inputs) -> Values:
    image: Images = inputs["image"]
    return (replace(image, width=inputs["width"], height=inputs["height"]),)


def batch_images(run: Run, inputs: Inputs) -> Values:
    first: Images = inputs["image1"]
    return (replace(first, shots=first.shots + inputs["image2"].shots),)


def image_from_batch(run: Run, inputs: Inputs) -> Values:
    image: Images = inputs["image"]
    start = min(len(image.shots) - 1, inputs["batch_index"])
    return (image.part(start, inputs["length"]),)


def estimate_pose(run: Run, inputs: Inputs) -> Values:
    image: Images = inputs["image"]
    shots = tuple(
        Shot(Clip(shot.source.path, pose=True), shot.index)
        if isinstance(shot.source, Clip)
        else shot
        for shot in image.shots
    )
    return replace(image, shots=shots), Token("POSE_KEYPOINT")


def tell_poses(run: Run, inputs: Inputs) -> dict[str, Any]:
    """One text of key points for each frame, as long as the real ones: clients must bear it."""
    people = [{"pose_keypoints_2d": [0.0] * POSE_NUMBERS}]
    pose = json.dumps({"people": people, "canvas_height": 512, "canvas_width": 512})
    return {"openpose_json": [pose] * len(inputs["image"].shots)}


def pixel_perfect(run: Run, inputs: Inputs) -> Values:
    return (min(inputs["image_gen_width"], inputs["image_gen_height"]),)


def segment(run: Run, inputs: Inputs) -> Values:
    """Masks of who is tracked from the middle of the points on, or from that of the picture."""
    image: Images = inputs["image"]
    points = json.loads(inputs.get("coordinates_positive", "[]"))
    x = y = 0.5
    if points:
        x = sum(point["x"] for point in points) / len(points) / image.width
        y = sum(point["y"] for point in points) / len(points) / image.height
    spot = Spot(x, y, image.width, image.height)
    shots = tuple(Shot(spot, index) for index in range(len(image.shots)))
    return (Mask(image.width, image.height, shots),)


def same_mask(run: Run, inputs: Inputs) -> Values:
    return (inputs["mask"],)


def same_masks(run: Run, inputs: Inputs) -> Values:
    return (inputs["masks"],)


def same_image(run: Run, inputs: Inputs) -> Values:
    return (inputs["image"],)


def mask_to_image(run: Run, inputs: Inputs) -> Values:
    mask: Mask = inputs["mask"]
    return (Images(mask.width, mask.height, mask.shots),)


def image_to_mask(run: Run, inputs: Inputs) -> Values:
    if inputs["channel"] != "red":
        raise BadMask("the stand-in finds a mask in the red channel only")
    image: Images = inputs["image"]
    return (Mask(image.width, image.height, image.shots),)


def repeat_images(run: Run, inputs: Inputs) -> Values:
    image: Images = inputs["image"]
    return (replace(image, shots=image.shots * inputs["amount"]),)


IMAGE_NODES: dict[str, Node] = {
    "ImageScale": scale_image,
    "ImageBatch": batch_images,
    "ImageInvert": same_image,
    "RepeatImageBatch": repeat_images,
    "ImageFromBatch": image_from_batch,
    "DWPreprocessor": estimate_pose,
    "PixelPerfectResolution": pixel_perfect,
    "Sam2Segmentation": segment,
    "GrowMask": same_mask,
    "BlockifyMask": same_masks,
    "DrawMaskOnImage": same_image,
    "MaskToImage": mask_to_image,
    "ImageToMask": image_to_mask,
}

IMAGE_REPORTS: dict[str, Report] = {"DWPreprocessor": tell_poses}
