"""The pictures a sampler shows of what it makes."""

import json
import struct
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image

LEGACY, WITH_METADATA = 1, 4
JPEG = 1
SIDE_PX = 64


def preview(done: float, described: dict[str, Any] | None) -> bytes:
    """A websocket message. done: 0..1. described: for a client that reads metadata."""
    picture = _picture(round(done * 255))
    if described is None:
        return struct.pack(">II", LEGACY, JPEG) + picture
    metadata = json.dumps({**described, "image_type": "image/jpeg"}).encode()
    return struct.pack(">II", WITH_METADATA, len(metadata)) + metadata + picture


@lru_cache
def _picture(grey: int) -> bytes:
    buffer = BytesIO()
    Image.new("L", (SIDE_PX, SIDE_PX), grey).save(buffer, "JPEG")
    return buffer.getvalue()
