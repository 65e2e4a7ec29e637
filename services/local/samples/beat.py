"""A soft two-bar groove that ends where it begins: kick, clap, hat, bass and a pad."""

import numpy as np
from numpy.typing import NDArray

from services.local.samples.moves import BEATS

Sound = NDArray[np.float64]
"""(samples, 2)."""

_PEAK = 0.6
_SEED = 11
_FIRST_ECHO_S = 0.012
_CHORDS = ((45, 60, 64, 67, 71), (41, 57, 60, 64, 67))
"""MIDI notes, one chord a bar: the bass and what the pad plays. A minor 9, then F major 9."""


def make_beat(seconds: float, rate: int) -> Sound:
    """Stereo in -1..1, exactly `seconds` long."""
    track = _Loop(round(seconds * rate), rate)
    for bar, chord in enumerate(_CHORDS):
        track.play_bar(bar, chord)
    mix = track.sound + 0.35 * _room(track.sound, rate)
    levelled: Sound = mix * (_PEAK / np.abs(mix).max())
    return levelled


class _Loop:
    """Notes are added at beats; what rings past the end goes on at the start."""

    def __init__(self, samples: int, rate: int) -> None:
        self.sound = np.zeros((samples, 2))
        self._rate = rate
        self._beat = samples / BEATS
        self._noise = np.random.default_rng(_SEED)

    def play_bar(self, bar: int, chord: tuple[int, ...]) -> None:
        start = bar * BEATS / len(_CHORDS)
        for step in (0, 1.5, 2, 3.5):
            self._add(start + step, self._bass(chord[0]), 0.34)
        for step in (0, 2):
            self._add(start + step, self._kick(), 0.85)
        for step in (1, 3):
            self._add(start + step, self._clap(), 0.20)
        for step in range(8):
            self._add(start + step / 2, self._hat(), 0.05 + 0.05 * (step % 2), pan=0.3)
        for number, note in enumerate(chord[1:]):
            self._add(start, self._pad(note), 0.085, pan=(-0.6, 0.2, -0.2, 0.6)[number])

    def _add(self, beat: float, sound: Sound, level: float, pan: float = 0.0) -> None:
        """pan: -1 is left, 1 is right."""
        sides = level * np.sqrt(np.array([1 - pan, 1 + pan]))
        at = (round(beat * self._beat) + np.arange(len(sound))) % len(self.sound)
        np.add.at(self.sound, at, sound[:, None] * sides)

    def _time(self, seconds: float) -> Sound:
        return np.arange(round(seconds * self._rate)) / self._rate

    def _kick(self) -> Sound:
        time = self._time(0.35)
        turns = 48 * time + 4.2 * (1 - np.exp(-time * 32))
        kick: Sound = np.sin(2 * np.pi * turns) * np.exp(-time * 11) * _fade(time, 0.002)
        return kick

    def _clap(self) -> Sound:
        time = self._time(0.22)
        noise = np.diff(self._noise.standard_normal(len(time) + 1))
        bursts = sum(
            np.exp(-np.maximum(time - at, 0) * 60) * (time >= at) for at in (0, 0.011, 0.023)
        )
        clap: Sound = _smooth(noise, 5) * bursts * _fade(time, 0.001)
        return clap

    def _hat(self) -> Sound:
        time = self._time(0.09)
        noise = np.diff(self._noise.standard_normal(len(time) + 2), n=2)
        return noise / 3 * np.exp(-time * 70) * _fade(time, 0.001)

    def _bass(self, note: int) -> Sound:
        time = self._time(0.5)
        turns = _hertz(note - 12) * time
        tone = np.sin(2 * np.pi * turns) + 0.35 * np.sin(4 * np.pi * turns) * np.exp(-time * 6)
        return tone * np.exp(-time * 4) * _fade(time, 0.008) * _fade(time[::-1], 0.05)

    def _pad(self, note: int) -> Sound:
        """Three slightly detuned voices of four harmonics, over the bar and a little more."""
        time = self._time((BEATS / len(_CHORDS)) * self._beat / self._rate + 0.3)
        tone = np.zeros(len(time))
        for detune in (-0.06, 0.0, 0.07):
            turns = _hertz(note + detune) * time
            tone += sum(
                np.sin(2 * np.pi * k * turns + k * detune * 40) / k**1.8 for k in range(1, 5)
            )
        return tone / 3 * _fade(time, 0.25) * _fade(time[::-1], 0.35)


def _fade(time: Sound, seconds: float) -> Sound:
    return np.minimum(time / seconds, 1.0)


def _hertz(note: float) -> float:
    return 440.0 * float(2 ** ((note - 69) / 12))


def _smooth(sound: Sound, samples: int) -> Sound:
    return np.convolve(sound, np.hanning(samples + 2)[1:-1] / samples, mode="same")


def _room(sound: Sound, rate: int) -> Sound:
    """Its echo in a small room, around the loop."""
    time = np.arange(len(sound)) / rate
    noise = np.random.default_rng(_SEED + 1).standard_normal(sound.shape)
    echo = noise * np.exp(-time * 9)[:, None] * (time > _FIRST_ECHO_S)[:, None]
    echo = np.column_stack([_smooth(side, 9) for side in echo.T])
    spectrum = np.fft.rfft(sound, axis=0) * np.fft.rfft(echo, axis=0)
    wet = np.fft.irfft(spectrum, n=len(sound), axis=0)
    levelled: Sound = wet * (np.abs(sound).max() / np.abs(wet).max())
    return levelled
