"""The copy of a clip that a browser plays."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from tests.corpus.tally import Asset

SLACK_S = 0.15


@dataclass(frozen=True)
class Played:
    codec: str
    frames: int
    length_s: float


def play(path: Path) -> Played:
    """Decode all of it. Raises av.FFmpegError, or IndexError where it has no pictures."""
    times: list[tuple[float, float]] = []
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        for frame in container.decode(video):
            lasts = float((frame.duration or 0) * (frame.time_base or 0))
            times.append((frame.time or 0.0, lasts))
        codec = video.codec_context.name
    length_s = sum(times[-1]) - times[0][0] if times else 0.0
    return Played(codec, len(times), length_s)


def playing_flaws(path: Path, asset: Asset) -> Iterator[str]:
    try:
        played = play(path)
    except (av.FFmpegError, IndexError) as error:
        yield f"its playable copy does not play: {error}"
        return
    if played.codec != "h264" or not played.frames:
        yield f"its playable copy is {played.codec} with {played.frames} frames"
    length_s, frame_s = asset["duration_seconds"], 1 / (asset["fps"] or 1)
    if abs(played.length_s - length_s) > max(SLACK_S, frame_s):
        yield f"its playable copy lasts {played.length_s:.3f} s, not {length_s:.3f} s"
