"""How a node's death is told."""

import traceback
from typing import Any

from av.error import FFmpegError

from services.comfy_sim.files import OutsideFolder
from services.comfy_sim.latent_file import SafetensorError


class OutOfMemoryError(RuntimeError):
    pass


# Clients know it by its full name.
OutOfMemoryError.__module__ = "torch"

OOM_TIPS = (
    "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before "
    "you might have accidentally set the batch_size to a large number."
)

NODE_FAULTS = (
    ArithmeticError,
    AttributeError,
    FFmpegError,
    LookupError,
    OSError,
    OutOfMemoryError,
    OutsideFolder,
    SafetensorError,
    TypeError,
    ValueError,
)
"""What a node may die of; its prompt then ends in an error, and the server goes on."""

SHOWN_CHARACTERS = 200


def describe(fault: Exception, inputs: dict[str, Any]) -> dict[str, Any]:
    """The part of an execution_error message that is about the exception."""
    tips = OOM_TIPS if isinstance(fault, OutOfMemoryError) else ""
    return {
        "exception_message": f"{fault}\n{tips}",
        "exception_type": full_name(type(fault)),
        "traceback": traceback.format_tb(fault.__traceback__),
        "current_inputs": {name: [str(value)[:SHOWN_CHARACTERS]] for name, value in inputs.items()},
    }


def full_name(kind: type[Exception]) -> str:
    if kind is OutsideFolder:
        return "Exception"
    builtin = kind.__module__ == "builtins"
    return kind.__name__ if builtin else f"{kind.__module__}.{kind.__name__}"
