"""The samples' sounds, synthesised: a beat to dance to, and a voice that says nothing in words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.local.samples.dance import BEAT_S, BEATS

Wave = NDArray[np.float64]
"""Samples between -1 and 1; (n,) mono, (n, 2) stereo."""

BEAT_RATE = 48_000
VOICE_RATE = 44_100
PEAK = 10 ** (-3 / 20)

# Minor ninth, then its neighbour: two beats each.
_CHORDS_HZ = (
    (220.0, 261.6, 329.6),
    (174.6, 220.0, 261.6),
    (196.0, 246.9, 293.7),
    (220.0, 261.6, 329.6),
)
_BASS_HZ = (55.0, 43.65, 49.0, 55.0)

# First three formants of vowels, in Hz (Peterson and Barney, 1952, rounded).
_VOWELS_HZ = {
    "a": (730.0, 1090.0, 2440.0),
    "e": (530.0, 1840.0, 2480.0),
    "i": (270.0, 2290.0, 3010.0),
    "o": (570.0, 840.0, 2410.0),
    "u": (300.0, 870.0, 2240.0),
}
_BANDWIDTH_HZ = (80.0, 100.0, 140.0)
_LEVELS = (1.0, 0.6, 0.25)
# Vowel, length in seconds, pitch in Hz; a line that rises, rests and comes home.
_LINE = (
    ("e", 0.24, 196.0),
    ("o", 0.34, 220.0),
    ("", 0.12, 0.0),
    ("a", 0.22, 233.0),
    ("i", 0.20, 262.0),
    ("a", 0.40, 247.0),
    ("", 0.20, 0.0),
    ("u", 0.22, 196.0),
    ("e", 0.22, 208.0),
    ("a", 0.26, 233.0),
    ("o", 0.30, 220.0),
    ("", 0.16, 0.0),
    ("i", 0.20, 208.0),
    ("a", 0.30, 185.0),
    ("o", 0.62, 165.0),
)


def beat() -> Wave:
    """Stereo, BEATS beats long at BEAT_RATE."""
    total = round(BEATS * BEAT_S * BEAT_RATE)
    mix = np.zeros((total, 2))
    for number in range(BEATS):
        at = round(number * BEAT_S * BEAT_RATE)
        _add(mix, at, _kick(), 0.0)
        _add(mix, at + round(BEAT_S / 2 * BEAT_RATE), _hat(number), 0.3)
        if number % 2 == 0:
            _add(mix, at, _pad(number // 2), -0.1)
            _add(mix, at, _tone(_BASS_HZ[number // 2], BEAT_S * 1.5, 0.35), 0.0)
    return _levelled(mix)


def voice() -> Wave:
    """Mono at VOICE_RATE, a little over four seconds."""
    spoken = [_syllable(*part) for part in _LINE]
    return _levelled(np.concatenate(spoken))


def _syllable(vowel: str, seconds: float, pitch_hz: float) -> Wave:
    count = round(seconds * VOICE_RATE)
    if not vowel:
        return np.zeros(count)
    time = np.arange(count) / VOICE_RATE
    glide = pitch_hz * (
        1 + 0.05 * np.sin(np.pi * time / seconds) + 0.012 * np.sin(2 * np.pi * 5.5 * time)
    )
    phase = np.cumsum(glide) / VOICE_RATE
    harmonics = np.arange(1, 26)[:, None]
    gains = _formant_gain(vowel, harmonics * pitch_hz) / harmonics
    tone: Wave = (gains * np.sin(2 * np.pi * harmonics * phase)).sum(axis=0)
    return tone * _envelope(count, VOICE_RATE, attack_s=0.035, release_s=0.07)


def _formant_gain(vowel: str, hertz: NDArray[np.floating[Any]]) -> Wave:
    gain = np.full(hertz.shape, 0.02)
    for centre, width, level in zip(_VOWELS_HZ[vowel], _BANDWIDTH_HZ, _LEVELS, strict=True):
        gain += level / (1 + ((hertz - centre) / width) ** 2)
    return gain


def _envelope(count: int, rate: int, *, attack_s: float, release_s: float) -> Wave:
    time = np.arange(count) / rate
    rise = np.clip(time / attack_s, 0, 1)
    fall = np.clip((count / rate - time) / release_s, 0, 1)
    return 0.5 - 0.5 * np.cos(np.pi * rise * fall)


def _kick() -> Wave:
    time = np.arange(round(0.28 * BEAT_RATE)) / BEAT_RATE
    phase = 2 * np.pi * (48 * time + 4.2 * (1 - np.exp(-time * 34)))
    return 0.9 * np.sin(phase) * np.exp(-time * 13)


def _hat(number: int) -> Wave:
    noise = np.random.default_rng(number).standard_normal(round(0.06 * BEAT_RATE))
    time = np.arange(len(noise)) / BEAT_RATE
    return 0.12 * np.diff(noise, prepend=0.0) * np.exp(-time * 70)


def _pad(chord: int) -> Wave:
    tones = [_tone(hertz, 2 * BEAT_S, 0.11) for hertz in _CHORDS_HZ[chord]]
    chord_wave: Wave = np.sum(tones, axis=0)
    return chord_wave


def _tone(hertz: float, seconds: float, level: float) -> Wave:
    count = round(seconds * BEAT_RATE)
    phase = 2 * np.pi * hertz * np.arange(count) / BEAT_RATE
    warm = np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)
    return level * warm * _envelope(count, BEAT_RATE, attack_s=0.05, release_s=0.2)


def _add(mix: Wave, at: int, wave: Wave, pan: float) -> None:
    """pan: -1 left to 1 right."""
    fitting = wave[: len(mix) - at]
    mix[at : at + len(fitting)] += fitting[:, None] * np.array([1 - pan, 1 + pan])


def _levelled(wave: Wave) -> Wave:
    loudest = float(np.abs(wave).max())
    return wave * (PEAK / loudest)
