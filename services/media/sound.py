from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from proto.errors import ErrorCode
from services.media.errors import MediaRefused
from services.media.graph import Step, filter_sounds
from services.media.source import (
    find_picture_stream,
    find_sound_stream,
    open_media,
    sounds,
    start_s,
    unreadable,
)
from services.media.writer import SOUND_RATE

VOICE_RATE = 16_000
"""What the model's speech encoder listens at."""


def normalise_voice(path: Path, out: Path, duration_s: float) -> float:
    """Write mono 16 kHz 16-bit WAV of at most duration_s; gives the seconds written."""
    steps = [
        Step("aformat", f"sample_fmts=s16:sample_rates={VOICE_RATE}:channel_layouts=mono"),
        Step("atrim", f"end_sample={round(duration_s * VOICE_RATE)}"),
    ]
    with open_sound(path, steps) as frames, _open(out) as container:
        stream = container.add_stream("pcm_s16le", rate=VOICE_RATE, layout="mono")
        return _write(container, stream, required(frames)) / VOICE_RATE


def extract_soundtrack(path: Path, out: Path, duration_s: float) -> None:
    """Write the sound as 48 kHz stereo WAV of exactly duration_s, silence after its end."""
    steps = [*stereo("s16"), *exact_length(Fraction(duration_s))]
    with open_sound(path, steps) as frames, _open(out) as container:
        stream = container.add_stream("pcm_s16le", rate=SOUND_RATE, layout="stereo")
        _write(container, stream, required(frames))


def stereo(sample_format: str) -> list[Step]:
    """Steps to 48 kHz stereo."""
    # Without the limit libav adds surround channels up beyond full scale, and the sum is clipped.
    mixed = Step("aresample", "ochl=stereo:rematrix_maxval=1")
    layout = f"sample_rates={SOUND_RATE}:channel_layouts=stereo"
    return [mixed, Step("aformat", f"sample_fmts={sample_format}:{layout}")]


def exact_length(duration_s: Fraction) -> list[Step]:
    """Steps after which a 48 kHz sound lasts duration_s: cut, or silent at its end."""
    samples = round(duration_s * SOUND_RATE)
    return [Step("apad", f"whole_len={samples}"), Step("atrim", f"end_sample={samples}")]


@contextmanager
def open_sound(path: Path, steps: list[Step]) -> Iterator[Iterator[AudioFrame] | None]:
    """The sound of a file from the moment its pictures start, or None if it has no sound."""
    with open_media(path) as container:
        stream = find_sound_stream(container)
        if stream is None:
            yield None
        else:
            aligned = [*_aligned(container, stream), *steps]
            yield filter_sounds(sounds(container, stream), aligned)


def required(frames: Iterator[AudioFrame] | None) -> Iterator[AudioFrame]:
    """What open_sound gave. Raises MediaRefused for a file without sound."""
    if frames is None:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT, "This file has no sound. Choose one with a voice."
        )
    return frames


def heard_from_s(container: InputContainer, stream: AudioStream) -> Fraction:
    """The time in the file at which open_sound begins."""
    picture = find_picture_stream(container)
    return start_s(stream if picture is None else picture)


def _aligned(container: InputContainer, stream: AudioStream) -> list[Step]:
    zero = heard_from_s(container, stream)
    # Silence fills gaps and a late start, which would pull sound and picture apart.
    return [
        Step("asetpts", f"PTS-({zero.numerator}/{zero.denominator})/TB"),
        Step("aresample", "async=1:first_pts=0"),
    ]


@contextmanager
def _open(out: Path) -> Iterator[OutputContainer]:
    with av.open(str(out), "w", format="wav", options={"fflags": "+bitexact"}) as container:
        yield container


def _write(container: OutputContainer, stream: AudioStream, frames: Iterator[AudioFrame]) -> int:
    samples = 0
    for frame in frames:
        samples += frame.samples
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    if samples == 0:
        raise unreadable()
    return samples
