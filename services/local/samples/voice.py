"""A spoken line, made of the harmonics of a pitch that pass through moving formants.

"Hello! I am so happy you are here. Now, shall we dance?", roughly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

_CONTROL_RATE = 400
_GLIDE_S = 0.055
_ONSET_S = 0.022
_BANDWIDTHS = (70.0, 95.0, 140.0, 220.0, 300.0)
_UPPER_FORMANTS = (3600.0, 4600.0)
_TOP_HERTZ = 7_000.0
_PEAK = 10 ** (-3 / 20)
_TILT = 0.55
"""Harmonic n is n ** -0.55 as loud: less steep than speech, so that small speakers carry it."""
_PRESS = 1.7
_SEED = 5
_SILENCE = "_"


@dataclass(frozen=True)
class _Sound:
    """formants, hiss: Hz; hiss is where breath is loudest. voice, breath: levels of the sources."""

    formants: tuple[float, float, float]
    voice: float = 1.0
    breath: float = 0.015
    hiss: float = 2500.0


_SOUNDS = {
    "_": _Sound((500, 1500, 2600), voice=0, breath=0),
    "h": _Sound((560, 1800, 2600), voice=0.05, breath=0.16, hiss=1900),
    "s": _Sound((400, 1700, 2700), voice=0, breath=0.22, hiss=6200),
    "sh": _Sound((400, 1800, 2500), voice=0, breath=0.24, hiss=3300),
    "p": _Sound((350, 900, 2300), voice=0, breath=0.01),
    "d": _Sound((280, 1800, 2700), voice=0.18),
    "m": _Sound((290, 1050, 2250), voice=0.42),
    "n": _Sound((290, 1550, 2550), voice=0.42),
    "l": _Sound((380, 1150, 2750), voice=0.62),
    "r": _Sound((420, 1280, 1750), voice=0.72),
    "w": _Sound((320, 720, 2300), voice=0.6),
    "y": _Sound((290, 2250, 3000), voice=0.6),
    "eh": _Sound((610, 1950, 2650)),
    "ah": _Sound((850, 1300, 2700)),
    "a": _Sound((800, 1800, 2600)),
    "uh": _Sound((650, 1300, 2600), voice=0.9),
    "oh": _Sound((520, 950, 2550)),
    "oo": _Sound((370, 900, 2450), voice=0.9),
    "ee": _Sound((320, 2500, 3100), voice=0.9),
    "ih": _Sound((430, 2150, 2800), voice=0.9),
}
_LINE = (
    ("_", 0.10), ("h", 0.07), ("eh", 0.09), ("l", 0.07), ("oh", 0.16), ("oo", 0.12), ("_", 0.17),
    ("ah", 0.11), ("ih", 0.06), ("m", 0.08), ("s", 0.10), ("oh", 0.12), ("oo", 0.06),
    ("h", 0.06), ("a", 0.13), ("p", 0.07), ("ee", 0.11), ("y", 0.05), ("oo", 0.09),
    ("ah", 0.08), ("r", 0.06), ("h", 0.06), ("ih", 0.13), ("r", 0.14), ("_", 0.22),
    ("n", 0.07), ("ah", 0.13), ("oo", 0.12), ("_", 0.10), ("sh", 0.10), ("a", 0.08), ("l", 0.06),
    ("w", 0.06), ("ee", 0.13), ("d", 0.06), ("a", 0.19), ("n", 0.09), ("s", 0.12), ("_", 0.14),
)  # fmt: skip
_PITCH = (
    (0.0, 205), (0.22, 225), (0.38, 262), (0.58, 196), (0.85, 215), (1.25, 238), (1.52, 282),
    (1.75, 235), (2.05, 222), (2.35, 178), (2.66, 208), (2.85, 238), (3.05, 215), (3.35, 228),
    (3.62, 286), (3.9, 232), (4.4, 200),
)  # fmt: skip


@dataclass(frozen=True)
class _Course:
    """What the mouth does over time, at the control rate. formants: (n, 5)."""

    formants: Sound
    voice: Sound
    breath: Sound
    hiss: Sound
    pitch: Sound

    @property
    def seconds(self) -> float:
        return len(self.voice) / _CONTROL_RATE


def make_voice(rate: int) -> Sound:
    """Mono, its loudest sample 3 dB below full scale."""
    course = _course()
    line = _voiced(course, rate) + _breath(course, rate)
    line = np.tanh(_PRESS * line / np.abs(line).max())
    line += 0.14 * _echo(line, rate)
    fade = np.minimum(np.arange(len(line)) / rate / 0.05, 1.0)
    line *= fade * fade[::-1]
    levelled: Sound = line * (_PEAK / np.abs(line).max())
    return levelled


def _course() -> _Course:
    sounds = [_SOUNDS[name] for name, seconds in _LINE for _ in range(_ticks(seconds))]
    near = np.array([[*sound.formants, *_UPPER_FORMANTS] for sound in sounds])
    time = np.arange(len(sounds)) / _CONTROL_RATE
    return _Course(
        formants=np.column_stack([_glide(column, _GLIDE_S) for column in near.T]),
        voice=_glide(np.array([sound.voice for sound in sounds]), _ONSET_S * 2),
        breath=_glide(np.array([sound.breath for sound in sounds]), _ONSET_S),
        hiss=np.array([sound.hiss for sound in sounds]),
        pitch=_pitch(time),
    )


def _ticks(seconds: float) -> int:
    return round(seconds * _CONTROL_RATE)


def _pitch(time: Sound) -> Sound:
    """The tune of the line, with a little vibrato and drift."""
    when, hertz = zip(*_PITCH, strict=True)
    tune = _glide(np.interp(time, when, hertz), 0.1)
    drift = np.random.default_rng(_SEED).standard_normal(len(time))
    pitch: Sound = tune * (1 + 0.006 * np.sin(2 * np.pi * 5.3 * time) + 0.02 * _glide(drift, 0.06))
    return pitch


def _glide(course: Sound, seconds: float) -> Sound:
    window = np.hanning(_ticks(seconds) + 2)[1:-1]
    padded = np.pad(course, len(window), mode="edge")
    return np.convolve(padded, window / window.sum(), mode="same")[len(window) : -len(window)]


def _voiced(course: _Course, rate: int) -> Sound:
    """Glottal pulses as the sum of their harmonics, each as loud as the mouth lets it through."""
    pitch = _stretch(course.pitch, rate)
    turns = np.cumsum(pitch) / rate
    line = np.zeros(len(pitch))
    for number in range(1, int(_TOP_HERTZ / course.pitch.min())):
        hertz = number * course.pitch
        gain = _vocal_tract(hertz, course.formants) * course.voice / number**_TILT
        gain = gain * (hertz < _TOP_HERTZ)
        real, imaginary = _stretch(gain.real, rate), _stretch(gain.imag, rate)
        angle = 2 * np.pi * number * turns
        line += real * np.cos(angle) - imaginary * np.sin(angle)
    return line


def _vocal_tract(hertz: Sound, formants: Sound) -> NDArray[np.complex128]:
    """The response of five resonances in a row, each 1 at 0 Hz (Klatt 1980, cascade branch)."""
    response = np.ones(len(hertz), dtype=np.complex128)
    for formant, width in zip(formants.T, _BANDWIDTHS, strict=True):
        response *= formant**2 / (formant**2 - hertz**2 + 1j * hertz * width)
    return response


def _breath(course: _Course, rate: int) -> Sound:
    """Noise with a peak where the tongue leaves a gap."""
    samples = round(course.seconds * rate)
    white = np.fft.rfft(np.random.default_rng(_SEED + 1).standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / rate)
    line = np.zeros(samples)
    for centre in sorted(set(course.hiss)):
        band = np.exp(-0.5 * ((hertz - centre) / (0.28 * centre)) ** 2)
        level = course.breath * _glide((course.hiss == centre).astype(np.float64), _ONSET_S)
        line += np.fft.irfft(white * band, n=samples) * _stretch(level, rate)
    return line * 5


def _stretch(course: Sound, rate: int) -> Sound:
    """From the control rate to the rate of the sound."""
    samples = round(len(course) / _CONTROL_RATE * rate)
    return np.interp(np.arange(samples) / rate, np.arange(len(course)) / _CONTROL_RATE, course)


def _echo(line: Sound, rate: int) -> Sound:
    time = np.arange(round(0.25 * rate)) / rate
    tail = np.random.default_rng(_SEED + 2).standard_normal(len(time)) * np.exp(-time * 22)
    size = len(line) + len(tail)
    wet = np.fft.irfft(np.fft.rfft(line, size) * np.fft.rfft(tail, size), n=size)[: len(line)]
    echo: Sound = wet * (np.abs(line).max() / np.abs(wet).max())
    return echo
