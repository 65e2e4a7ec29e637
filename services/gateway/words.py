"""What a schema error means to the person who sent the request."""

from collections.abc import Sequence
from typing import Any

from proto.errors import ErrorCode, FieldError, Remedy
from proto.media import AssetKind

PLACES = frozenset({"body", "query", "path", "header"})
"""Where a field was sent, as the framework says it before the field's name."""

MISSING_FILES = {
    "ground_truth_asset_id": "Add the picture of your character.",
    "motion_video_asset_id": "Add the clip with the motion to follow.",
    "audio_asset_id": "Add the sound your character performs.",
}

GONE = "We don't have this file any more. Add it again."

NOUNS = {
    AssetKind.IMAGE: "a picture",
    AssetKind.VIDEO: "a clip",
    AssetKind.AUDIO: "a sound",
}

SENTENCES = {
    "missing": "{field} is needed.",
    "extra_forbidden": "We don't know a field named {field}.",
    "int_parsing": "{field} has to be a whole number.",
    "float_parsing": "{field} has to be a number.",
    "bool_parsing": "{field} has to be true or false.",
    "json_invalid": "The request's body is not valid JSON.",
}


def field_errors(errors: Sequence[dict[str, Any]]) -> list[FieldError]:
    """Pydantic's errors, one each, in the order of the fields."""
    return [_field_error(error) for error in errors]


def _field_error(error: dict[str, Any]) -> FieldError:
    place, *inside = error["loc"]
    parts = inside if place in PLACES else [place, *inside]
    field = ".".join(str(part) for part in parts) or "body"
    code, message = _meaning(field, error)
    action = Remedy.ADD if code is ErrorCode.MISSING_ASSET else None
    return FieldError(field=field, code=code, message=message, action=action)


def _meaning(field: str, error: dict[str, Any]) -> tuple[ErrorCode, str]:
    kind = error["type"]
    absent = kind in {"missing", "string_type"}
    if field in MISSING_FILES and absent:
        return ErrorCode.MISSING_ASSET, MISSING_FILES[field]
    if field == "prompt" and absent:
        return ErrorCode.EMPTY_PROMPT, "Write what should happen in the video."
    if field == "aspect_ratio":
        return (
            ErrorCode.UNSUPPORTED_ASPECT_RATIO,
            "We can't make this shape. Choose 9:16, 16:9 or 1:1.",
        )
    sentence = SENTENCES.get(kind, "{field}: {said}.")
    return ErrorCode.INVALID_REQUEST, sentence.format(field=field, said=error["msg"])
