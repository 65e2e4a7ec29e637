"""The files SaveLatent writes: safetensors, one tensor (1, channels, frames, height, width)."""

import json
import struct
from pathlib import Path

TENSOR = "latent_tensor"
MAX_HEADER_BYTES = 100_000_000
"""What the format allows."""

TIME = 2
HEADER = struct.Struct("<Q")
"""Before the header: its length in bytes."""


class BadLatent(ValueError):
    """A file that holds no whole latent."""


def count_latents(path: Path) -> int:
    """How many latent frames the file holds. Raises BadLatent."""
    size = path.stat().st_size
    with path.open("rb") as file:
        prefix = file.read(HEADER.size)
        if len(prefix) < HEADER.size:
            raise BadLatent(f"{path.name} is cut off in its header")
        [length] = HEADER.unpack(prefix)
        if length > min(size, MAX_HEADER_BYTES):
            raise BadLatent(f"{path.name} is cut off in its header")
        try:
            tensors = json.loads(file.read(length))
            shape, (_, end) = tensors[TENSOR]["shape"], tensors[TENSOR]["data_offsets"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadLatent(f"{path.name} holds no latent: {error!r}") from error
    if size < len(prefix) + length + end:
        raise BadLatent(f"{path.name} is cut off")
    return int(shape[TIME])
