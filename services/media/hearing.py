"""One pass over the sound of a file: how loud, how it swells, whether somebody speaks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee, zip_longest
from math import isfinite, log10

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from proto.asset import Waveform
from proto.media import AssetKind, Loudness, MediaFacts
from services.media.graph import Step, filter_sounds
from services.media.limits import MAX_DURATION_S
from services.media.remote import Source
from services.media.sound import open_sound, required
from services.media.speech import RATE, Speech

SILENCE_DBFS = -60.0

_PEAKS = 800
_PEAKS_A_SECOND = 200
_FULL_SCALE = 0.9999
_CLIPPED_SHARE = 0.01
"""A sine that just fits has 0.7 % of its samples at full scale; music is mastered to less."""
_LEAST_PEAK = 1e-6
_GATE_LUFS = -70.0
"""What libav's ebur128 gives where BS.1770 lets nothing through."""
# libav's filters choose a layout themselves where none is named, and with it the weights.
_LAYOUTS = {1: "mono", 6: "5.1", 8: "7.1"}

Levels = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """duration_s: from the start of the file's pictures, if it has any; a little more than we take
    of a sound that is too long.

    speech_s: None for the sound of a clip. clipped: louder than its file can hold.
    """

    duration_s: float
    loudness: Loudness
    waveform: Waveform
    speech_s: float | None
    clipped: bool

    @property
    def silent(self) -> bool:
        return self.loudness.peak_dbfs < SILENCE_DBFS


def listen(source: Source, facts: MediaFacts) -> Heard | None:
    """Decode all of the sound once; None where none of it decodes."""
    measured = _Measured()
    until_s = MAX_DURATION_S[facts.kind] + 1
    speech = Speech(facts.duration_s or until_s) if facts.kind is AssetKind.AUDIO else None
    with open_sound(source, _layout_steps(facts)) as sound:
        loud = _up_to(required(sound), until_s)
        spoken: Iterator[AudioFrame] = iter(())
        if speech is not None:
            # What nobody takes from a tee is kept for ever.
            loud, spoken = tee(loud)
        voice = filter_sounds(spoken, lambda _: _VOICE_STEPS)
        # Both come in tenths of a second, so that neither waits for the other in memory.
        for frame, heard in zip_longest(filter_sounds(loud, lambda _: _LOUDNESS_STEPS), voice):
            if frame is not None:
                measured.add(frame)
            if heard is not None and speech is not None:
                speech.add(heard.to_ndarray()[0])
    if measured.duration_s == 0:
        return None
    return Heard(
        duration_s=measured.duration_s,
        loudness=measured.loudness(),
        waveform=measured.waveform(),
        speech_s=speech.share() * measured.duration_s if speech else None,
        clipped=measured.is_clipped(),
    )


_LOUDNESS_STEPS = [Step("ebur128", "metadata=1")]
_VOICE_STEPS = [
    Step("aresample", "ochl=mono:rematrix_maxval=1"),
    Step("aformat", f"sample_fmts=flt:sample_rates={RATE}:channel_layouts=mono"),
    Step("asetnsamples", f"n={RATE // 10}:p=0"),
]


def _layout_steps(facts: MediaFacts) -> list[Step]:
    layout = _LAYOUTS.get(facts.channels or 0, "stereo")
    return [
        Step("aresample", f"ochl={layout}:rematrix_maxval=1"),
        Step("aformat", f"sample_fmts=dbl:channel_layouts={layout}"),
    ]


def _up_to(frames: Iterable[AudioFrame], until_s: float) -> Iterator[AudioFrame]:
    heard_s = 0.0
    for frame in frames:
        if heard_s >= until_s:
            return
        heard_s += frame.samples / frame.sample_rate
        yield frame


class _Measured:
    def __init__(self) -> None:
        self._peak = 0.0
        self._samples = 0
        self._rate = 1
        self._full = 0
        self._lufs = _GATE_LUFS
        self._peaks: list[Levels] = []
        self._rest: Levels = np.zeros(0)

    def add(self, frame: AudioFrame) -> None:
        samples = frame.to_ndarray().reshape(frame.samples, -1)
        # Files of floating numbers can hold what is none.
        levels = np.nan_to_num(np.abs(samples).max(axis=1), nan=0.0, posinf=1.0)
        self._rate = frame.sample_rate
        self._samples += frame.samples
        self._peak = max(self._peak, float(levels.max()))
        self._full += int(np.count_nonzero(levels >= _FULL_SCALE))
        # The last, shorter piece carries none.
        self._lufs = float(frame.metadata.get("lavfi.r128.I", self._lufs))
        self._add_peaks(levels, max(1, frame.sample_rate // _PEAKS_A_SECOND))

    @property
    def duration_s(self) -> float:
        return self._samples / self._rate

    def loudness(self) -> Loudness:
        heard = isfinite(self._lufs) and self._lufs > _GATE_LUFS
        return Loudness(
            integrated_lufs=self._lufs if heard else None,
            peak_dbfs=20 * log10(max(self._peak, _LEAST_PEAK)),
        )

    def is_clipped(self) -> bool:
        return self._full > _CLIPPED_SHARE * self._samples

    def waveform(self) -> Waveform:
        peaks = np.concatenate([*self._peaks, [self._rest.max()] if len(self._rest) else []])
        if len(peaks) > _PEAKS:
            starts = np.arange(_PEAKS) * len(peaks) // _PEAKS
            peaks = np.maximum.reduceat(peaks, starts)
        shown = [round(float(peak), 3) for peak in np.minimum(peaks, 1.0)]
        return Waveform(duration_seconds=self.duration_s, peaks=shown)

    def _add_peaks(self, levels: Levels, each: int) -> None:
        waiting = np.concatenate([self._rest, levels])
        whole = len(waiting) // each
        self._peaks.append(waiting[: whole * each].reshape(whole, each).max(axis=1))
        self._rest = waiting[whole * each :]
