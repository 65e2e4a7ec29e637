"""Draws and synthesises the packaged samples anew: `python -m services.local.samples.generate`."""

import hashlib
import json
import wave
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from services.local.samples import dance, sound
from services.local.samples.character import draw_character

FOLDER = Path(__file__).parent
VERSION = "1.0.0"
AUDIO_FRAME = 1024
MAX_LEVEL = 32767


def main() -> None:
    draw_character().save(FOLDER / "character.png", optimize=True)
    write_clip(FOLDER / "dance.mp4", dance.dance_frames(), sound.beat())
    write_wav(FOLDER / "voice.wav", sound.voice())
    index = {
        "version": VERSION,
        "files": [
            describe("character.png", "image", "ground_truth", None),
            describe("dance.mp4", "video", "motion_video", dance.FRAMES / dance.FPS),
            describe("voice.wav", "audio", "audio", len(sound.voice()) / sound.VOICE_RATE),
        ],
    }
    (FOLDER / "samples.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def describe(name: str, kind: str, role: str, duration_seconds: float | None) -> dict[str, Any]:
    content = (FOLDER / name).read_bytes()
    return {
        "name": name,
        "kind": kind,
        "role": role,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "duration_seconds": duration_seconds and round(duration_seconds, 3),
    }


def write_clip(path: Path, pictures: Iterable[Image.Image], beat: sound.Wave) -> None:
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=dance.FPS)
        video.width, video.height = dance.SIZE
        video.pix_fmt = "yuv420p"
        video.options = {"crf": "22", "preset": "slow"}
        audio = container.add_stream("aac", rate=sound.BEAT_RATE, layout="stereo")
        audio.bit_rate = 128_000
        for picture in pictures:
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.asarray(picture))))
        container.mux(video.encode(None))
        for frame in audio_frames(beat):
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))


def audio_frames(stereo: sound.Wave) -> Iterable[av.AudioFrame]:
    for start in range(0, len(stereo), AUDIO_FRAME):
        part = np.ascontiguousarray(stereo[start : start + AUDIO_FRAME].T, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate = sound.BEAT_RATE
        frame.pts, frame.time_base = start, Fraction(1, sound.BEAT_RATE)
        yield frame


def write_wav(path: Path, mono: sound.Wave) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sound.VOICE_RATE)
        out.writeframes(np.rint(mono * MAX_LEVEL).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
