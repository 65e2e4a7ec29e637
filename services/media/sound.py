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
from services.media.remote import Source
from services.media.source import (
    find_picture_stream,
    find_sound_stream,
    first_shown_s,
    is_indexed,
    open_media,
    sounds,
    start_s,
    unreadable,
)
from services.media.writer import SOUND_RATE

_LARGE = Step("asetnsamples", "n=16384:p=0")
"""Pieces of sound for a file that takes any: each costs as much to hand on as a small one."""
_USUAL_CHANNELS = range(2, 9)
VOICE_RATE = 16_000
"""What the model's speech encoder listens at."""


def normalise_voice(
    source: Source, out: Path, duration_s: float, begin_s: Fraction = Fraction()
) -> float:
    """Write mono 16 kHz 16-bit WAV of at most duration_s; gives the seconds written.

    begin_s: where in the sound to begin.
    """
    steps = [
        _form(VOICE_RATE, "mono", "s16"),
        *_from(begin_s, VOICE_RATE),
        Step("atrim", f"end_sample={round(duration_s * VOICE_RATE)}"),
        _LARGE,
    ]
    with open_sound(source, steps) as frames, _open(out) as container:
        stream = container.add_stream("pcm_s16le", rate=VOICE_RATE, layout="mono")
        return _write(container, stream, required(frames)) / VOICE_RATE


def extract_soundtrack(
    source: Source, out: Path, duration_s: float, begin_s: Fraction = Fraction()
) -> None:
    """Write the sound as 48 kHz stereo WAV of exactly duration_s, silence after its end.

    begin_s: where in the sound to begin.
    """
    steps = [*stereo("s16", begin_s), *exact_length(Fraction(duration_s)), _LARGE]
    with open_sound(source, steps) as frames, _open(out) as container:
        stream = container.add_stream("pcm_s16le", rate=SOUND_RATE, layout="stereo")
        _write(container, stream, required(frames))


def stereo(sample_format: str, begin_s: Fraction = Fraction()) -> list[Step]:
    """Steps to 48 kHz stereo that begins begin_s into the sound."""
    return [_form(SOUND_RATE, "stereo", sample_format), *_from(begin_s, SOUND_RATE)]


def _from(begin_s: Fraction, rate: int) -> list[Step]:
    if begin_s == 0:
        return []
    return [Step("atrim", f"start_sample={round(begin_s * rate)}"), Step("asetpts", "PTS-STARTPTS")]


def _form(rate: int, layout: str, sample_format: str) -> Step:
    # Without the limit libav adds surround channels up beyond full scale, and the sum is clipped.
    return Step("aresample", f"osr={rate}:ochl={layout}:osf={sample_format}:rematrix_maxval=1")


def exact_length(duration_s: Fraction) -> list[Step]:
    """Steps after which a 48 kHz sound lasts duration_s: cut, or silent at its end."""
    samples = round(duration_s * SOUND_RATE)
    return [Step("apad", f"whole_len={samples}"), Step("atrim", f"end_sample={samples}")]


@contextmanager
def open_sound(source: Source, steps: list[Step]) -> Iterator[Iterator[AudioFrame] | None]:
    """The sound of a file from the moment its pictures start, or None if it has no sound."""
    with open_media(source) as container:
        stream = find_sound_stream(container)
        if stream is None:
            yield None
        else:
            zero = heard_from_s(source, container, stream)

            def all_steps(first: AudioFrame) -> list[Step]:
                return [*_known_channels(first), *_aligned(zero), *steps]

            yield filter_sounds(sounds(container, stream), all_steps)


def required(frames: Iterator[AudioFrame] | None) -> Iterator[AudioFrame]:
    """What open_sound gave. Raises MediaRefused for a file without sound."""
    if frames is None:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT, "This file has no sound. Choose one with a voice."
        )
    return frames


def heard_from_s(source: Source, container: InputContainer, stream: AudioStream) -> Fraction:
    """The time in the file at which open_sound begins."""
    picture = find_picture_stream(container)
    if picture is None:
        return start_s(stream)
    return start_s(picture) if is_indexed(container) else first_shown_s(source)


def _known_channels(first: AudioFrame) -> list[Step]:
    """What lets libav mix the channels as they are meant."""
    count = first.layout.nb_channels
    if count == 1:
        # Mixed by libav, a mono sound is 3 dB lower on either side.
        return [Step("pan", "stereo|c0=c0|c1=c0")]
    if first.layout.name == f"{count} channels" and count not in _USUAL_CHANNELS:
        # Recorders put their own mix on the first two of many tracks.
        return [Step("pan", "stereo|c0=c0|c1=c1")]
    return []


def _aligned(zero: Fraction) -> list[Step]:
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
        # Filters at the end of a sound leave times that are off by a block.
        frame.pts, frame.time_base = samples, Fraction(1, frame.sample_rate)
        samples += frame.samples
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    if samples == 0:
        raise unreadable()
    return samples
