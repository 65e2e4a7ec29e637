"""Latents in files: safetensors, as SaveLatent writes and LoadLatent reads them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from struct import Struct
from typing import Any

from services.comfy_sim.values import PIXELS_PER_LATENT, Latent, Scene, SceneKind, empty_latent

TENSOR = "latent_tensor"
LATENT_KEY = "animatrix_sim"
TENSOR_CHANNELS = 16
PREFIX = Struct("<Q")
"""Before the header: its length in bytes."""


class SafetensorError(Exception):
    pass


# As the real reader's errors are called.
SafetensorError.__module__ = "safetensors_rust"


def write_latent(path: Path, latent: Latent, metadata: Mapping[str, str]) -> None:
    """The real tensor's length at one cell, and the latent in the header."""
    shape = [1, TENSOR_CHANNELS, len(latent.moments), 1, 1]
    size = 4 * math.prod(shape)
    header = {
        "__metadata__": {**metadata, LATENT_KEY: latent.model_dump_json()},
        TENSOR: {"dtype": "F32", "shape": shape, "data_offsets": [0, size]},
        "latent_format_version_0": {"dtype": "F32", "shape": [0], "data_offsets": [size, size]},
    }
    encoded = json.dumps(header).encode()
    path.write_bytes(PREFIX.pack(len(encoded)) + encoded + bytes(size))


def read_latent(path: Path) -> Latent:
    """Raises SafetensorError for a file that is damaged, KeyError for one without a latent."""
    header = _read_header(path.read_bytes())
    shape = header[TENSOR]["shape"]
    told = header.get("__metadata__", {}).get(LATENT_KEY)
    return _unknown(shape) if told is None else Latent.model_validate_json(told)


def _read_header(content: bytes) -> dict[str, Any]:
    if len(content) < PREFIX.size:
        raise _damaged("header too small")
    (length,) = PREFIX.unpack_from(content)
    start = PREFIX.size + length
    if start > len(content):
        raise _damaged("invalid header length")
    try:
        header: dict[str, Any] = json.loads(content[PREFIX.size : start])
        ends = [spec["data_offsets"][1] for name, spec in header.items() if name != "__metadata__"]
    except (ValueError, AttributeError, LookupError, TypeError) as error:
        raise _damaged("invalid JSON in header") from error
    if start + max(ends, default=0) != len(content):
        raise _damaged("incomplete metadata, file not fully covered")
    return header


def _damaged(what: str) -> SafetensorError:
    return SafetensorError(f"Error while deserializing header: {what}")


def _unknown(shape: list[int]) -> Latent:
    """For a tensor another server made: (1, channels, frames, height, width), or pictures."""
    *batch, height, width = shape
    count = batch[-1] if len(shape) == len(("n", "c", "t", "h", "w")) else batch[0]
    size = (width * PIXELS_PER_LATENT, height * PIXELS_PER_LATENT)
    return empty_latent(size, Scene(kind=SceneKind.MOVE, picture=None), range(count))
