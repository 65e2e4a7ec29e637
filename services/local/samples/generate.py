"""Draw and play the samples anew: python -m services.local.samples.generate.

What is drawn and played is the same each time; the clip's encoded bytes may differ."""

import wave
from pathlib import Path

import numpy as np

from services.local.samples.character import draw_character
from services.local.samples.dance import write_dance
from services.local.samples.index import CHARACTER, DANCE, FOLDER, VOICE, write_index
from services.local.samples.voice import make_voice

_VOICE_RATE = 44_100
_FULL_SCALE = 32_767


def main() -> None:
    generate(FOLDER)


def generate(folder: Path) -> None:
    draw_character().save(folder / CHARACTER, optimize=True)
    write_dance(folder / DANCE)
    _write_voice(folder / VOICE)
    write_index(folder)


def _write_voice(out: Path) -> None:
    levels = np.rint(make_voice(_VOICE_RATE) * _FULL_SCALE).astype("<i2")
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(levels.itemsize)
        file.setframerate(_VOICE_RATE)
        file.writeframes(levels.tobytes())


if __name__ == "__main__":
    main()
