"""The clip a dance is taken from: 540x960, 4.5 seconds, with sound, made to loop."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from services.local.samples.beat import make_beat
from services.local.samples.figure import draw_figure
from services.local.samples.moves import BEATS, pose
from services.local.samples.paint import Canvas
from services.local.samples.room import SIZE, draw_room
from services.media.shape import VideoShape
from services.media.writer import SOUND_RATE, Quality, write_mp4

_FRAMES = 135
_SHAPE = VideoShape(*SIZE, fps=Fraction(30))
_QUALITY = Quality(crf=22, preset="slow", sound_bit_rate=128_000)
_SOUND_FRAME = 1024
_OVERSAMPLING = 2


def write_dance(out: Path) -> None:
    write_mp4(out, _frames(), _sound(), _SHAPE, _QUALITY)


def _frames() -> Iterator[VideoFrame]:
    room = draw_room()
    for number in range(_FRAMES):
        canvas = Canvas(room, _OVERSAMPLING)
        canvas.draw(draw_figure(pose(number / _FRAMES * BEATS)))
        yield VideoFrame.from_ndarray(np.asarray(canvas.picture()), format="rgb24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )


def _sound() -> Iterator[AudioFrame]:
    beat = make_beat(_FRAMES / float(_SHAPE.fps), SOUND_RATE).astype(np.float32)
    for start in range(0, len(beat), _SOUND_FRAME):
        planes = np.ascontiguousarray(beat[start : start + _SOUND_FRAME].T)
        frame = AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SOUND_RATE, start
        frame.time_base = Fraction(1, SOUND_RATE)
        yield frame
