from enum import StrEnum

from proto.model import Model


class ErrorCode(StrEnum):
    # The failure classes of the requirements, section 23.
    MISSING_ASSET = "missing_asset"
    INVALID_ASSET_FORMAT = "invalid_asset_format"
    UNSUPPORTED_ASPECT_RATIO = "unsupported_aspect_ratio"
    WORKFLOW_BINDING_FAILURE = "workflow_binding_failure"
    COMFYUI_UPLOAD_FAILURE = "comfyui_upload_failure"
    COMFYUI_QUEUE_FAILURE = "comfyui_queue_failure"
    GENERATION_FAILURE = "generation_failure"
    GENERATION_TIMEOUT = "generation_timeout"
    RESULT_COLLECTION_FAILURE = "result_collection_failure"
    # What validation and the HTTP edge add.
    INVALID_REQUEST = "invalid_request"
    EMPTY_PROMPT = "empty_prompt"
    WRONG_ASSET_KIND = "wrong_asset_kind"
    MIX_ONLY = "mix_only"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_LARGE = "too_large"
    ASSET_IN_USE = "asset_in_use"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    NOT_SIGNED_IN = "not_signed_in"
    FORBIDDEN = "forbidden"
    LIMIT_REACHED = "limit_reached"
    NOT_CANCELLABLE = "not_cancellable"
    NOT_POSSIBLE_NOW = "not_possible_now"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


FAILURE_WORDS: dict[ErrorCode, str] = {
    ErrorCode.MISSING_ASSET: (
        "A file this video needs is gone. Your settings are kept. Add the file and try again."
    ),
    ErrorCode.INVALID_ASSET_FORMAT: (
        "We could not read one of your files. The others are kept. Choose another one."
    ),
    ErrorCode.WRONG_ASSET_KIND: (
        "One of your files is not what it has to be. The others are kept. Choose another one."
    ),
    ErrorCode.TOO_LARGE: (
        "One of your files is too large. The others are kept. Choose a smaller one."
    ),
    ErrorCode.INVALID_REQUEST: (
        "These settings don't work. Your files are kept. Change a setting and try again."
    ),
    ErrorCode.TOO_LONG: (
        "Your file is longer than this quality allows. It is kept. Shorten the length."
    ),
    ErrorCode.TOO_SHORT: "Your file is too short for a video. It is kept. Choose a longer one.",
    ErrorCode.WORKFLOW_BINDING_FAILURE: (
        "These settings don't work together. Your files are kept. Change a setting and try again."
    ),
    ErrorCode.COMFYUI_UPLOAD_FAILURE: (
        "Your files did not reach the studio's renderer. They are kept. Try again in a few minutes."
    ),
    ErrorCode.COMFYUI_QUEUE_FAILURE: (
        "We can't make this right now. Your files are kept. Try another quality, or try later."
    ),
    ErrorCode.GENERATION_FAILURE: (
        "The video could not be made. Your files are kept. Try again, or try another quality."
    ),
    ErrorCode.GENERATION_TIMEOUT: (
        "The video took far too long, so we stopped it. Your files are kept. Try again."
    ),
    ErrorCode.RESULT_COLLECTION_FAILURE: (
        "The video was made but did not arrive whole. Your files are kept. Try again."
    ),
    ErrorCode.INTERNAL: (
        "Something went wrong on our side. Your files are kept. Try again in a few minutes."
    ),
}
"""What a failed job says: what happened, what is kept, what to do."""


class Remedy(StrEnum):
    """The one thing that mends a problem, which a studio can offer beside its words.

    trim: ask for a video of `trim_to_seconds`. use_shape: the warning's `aspect_ratio`.
    """

    ADD = "add"
    REPLACE = "replace"
    TRIM = "trim"
    FRAME = "frame"
    PICK_PERSON = "pick_person"
    USE_SHAPE = "use_shape"
    USE_DRAFT = "use_draft"
    WAIT = "wait"


class FieldError(Model):
    field: str
    code: ErrorCode
    message: str
    action: Remedy | None = None
    trim_to_seconds: float | None = None


class JobError(Model):
    """Why a job failed, in words: what happened, what is kept, what to do."""

    code: ErrorCode
    message: str
    reference: str


class Problem(Model):
    """An `application/problem+json` body (RFC 9457) with our members."""

    type: str = "about:blank"
    title: str
    status: int
    code: ErrorCode
    message: str
    field: str | None = None
    reference: str
    errors: list[FieldError] = []


def job_error(job_id: str, code: ErrorCode) -> JobError:
    """What a failed job says of it; the reference leads an operator to the job."""
    return JobError(code=code, message=FAILURE_WORDS[code], reference=f"F-{job_id[:8].upper()}")
