"""How large a file may be to be read at all. What a job can use of it is preflight's matter."""

from proto.media import AssetKind

MAX_DURATION_S = {AssetKind.VIDEO: 601.0, AssetKind.AUDIO: 601.0}
"""Ten minutes, and what coders add to the last of them."""
MAX_STREAMS = 64

MIN_PICTURE_SIDE = 64
MAX_PICTURE_SIDE = 8192
MAX_PICTURE_PIXELS = 64_000_000
MAX_COUNTED_PAGES = 1000

MIN_CLIP_SIDE = 16
MAX_CLIP_SIDE = 8192
MAX_CLIP_PIXELS = 36_000_000
MAX_FPS = 1000
MAX_FRAMES = 600 * 240

MAX_HELD_FRAMES = 3
"""Frames that may complete a length to 4n+1, which is all the model takes."""
