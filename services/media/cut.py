from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from services.media.part import Cut
from services.media.remux import add_copy, first_packets, place
from services.media.source import open_picture
from services.media.writer import open_mp4


def cut_clip(path: Path, cuts: Sequence[Cut], out_dir: Path, fps: Fraction) -> list[Path]:
    """One silent MP4 for each cut, whose frames are bit for bit the clip's.

    path: as normalise_clip wrote it with these cuts' starts among its parts. Raises ValueError
    when it was not, or ends before a cut does.
    """
    outs = [out_dir / f"clip-{number:04}.mp4" for number in range(len(cuts))]
    with open_picture(path) as (container, stream):
        for out, cut in zip(outs, cuts, strict=True):
            _copy(container, stream, cut, out, fps)
    return outs


def _copy(
    container: InputContainer, stream: VideoStream, cut: Cut, out: Path, fps: Fraction
) -> None:
    start, length = cut
    tick = stream.time_base or Fraction(1)
    container.seek(round(start / fps / tick), stream=stream)
    copied = 0
    with open_mp4(out) as target:
        video = add_copy(target, stream, fps)
        # Without frames that depend on later ones, packets come in the order of showing.
        for packet in first_packets(container, stream, length):
            if round((packet.pts or 0) * tick * fps) != start + copied:
                raise ValueError(f"frame {start} is not one to cut at")
            place(packet, copied, copied, fps)
            packet.stream = video
            target.mux(packet)
            copied += 1
    if copied < length:
        raise ValueError(f"the clip ends at frame {start + copied}, before {start + length}")
