"""What joining a long video takes: memory and time of the media worker's own code."""

import asyncio
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from services.media.shape import VideoShape
from tests.media_factory import make_sound
from tests.unit.media.media_factories import render_parts

# A process of its own, so that its peak is the join's.
CODE = """
import json, re, sys, time
from fractions import Fraction
from pathlib import Path
from services.media.finish import grow
from services.media.part import Part
from services.media.shape import VideoShape

part, sound, out, count, frames, width, height = sys.argv[1:]
parts = [Part(Path(part), int(frames))] * int(count)
started = time.monotonic()
grow(parts, Path(sound), Path(out), VideoShape(int(width), int(height), Fraction(16)))
took = time.monotonic() - started
# Not the resource module's figure: that starts from the parent's peak.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"peak_mb": peak, "seconds": took}))
"""

CHUNK_FRAMES = 80
SHAPE = VideoShape(432, 768, Fraction(16))
PARTS = {"half_a_minute": 6, "five_minutes": 60}


async def measure() -> dict[str, Any]:
    found = {name: await asyncio.to_thread(_join, count) for name, count in PARTS.items()}
    growth = found["five_minutes"]["peak_mb"] - found["half_a_minute"]["peak_mb"]
    return {**found, "growth_mb": round(growth, 1)}


def _join(count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        [part] = render_parts(folder, [CHUNK_FRAMES], SHAPE)
        sound = make_sound(folder / "sound.wav", seconds=count * CHUNK_FRAMES / 16)
        files = [part.path, sound, folder / "joined.mp4"]
        numbers = [count, CHUNK_FRAMES, SHAPE.width, SHAPE.height]
        child = subprocess.run(
            [sys.executable, "-c", CODE, *map(str, [*files, *numbers])],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
    return {key: round(value, 1) for key, value in json.loads(child.stdout).items()}
