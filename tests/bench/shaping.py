"""Shaping media as the product does against the ffmpeg command line doing the same."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench.results import Ratio

RUNS = 3
GOAL = 1.10
SAMPLE_S = 0.02

# A process of its own, so that its peak is this one recipe's.
CODE = """
import json, re, sys, time
from fractions import Fraction
from pathlib import Path
from services.media.recipe import ClipRecipe, SoundtrackRecipe, VoiceRecipe

source, out, recipe = Path(sys.argv[1]), Path(sys.argv[2]), eval(sys.argv[3])
started = time.monotonic()
recipe.write(source, out)
took = time.monotonic() - started
# Not the resource module's figure: that starts from the parent's peak.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"seconds": took, "peak_mb": peak}))
"""

NOISY = "noise=alls=12:allf=t,format=yuv420p"
SCALE = "flags=lanczos+accurate_rnd+full_chroma_int"
TAGS = "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
COVER = f"fps=16,scale=1480:832:{SCALE},crop=480:832"
TO_SDR = (
    f"fps=16,scale=1480:832:{SCALE},zscale=transfer=linear:npl=203,format=gbrpf32le,"
    "zscale=primaries=bt709,tonemap=hable,zscale=transfer=bt709:matrix=bt709:range=tv,crop=480:832"
)
MODEL_INPUT = ["-c:v", "libx264", "-crf", "16", "-preset", "ultrafast", "-c:a", "aac", "-b:a"]
MODEL_INPUT += ["192k", "-ac", "2", "-ar", "48000", "-movflags", "+faststart"]
# Silence in gaps and before a late start.
GAPS = ["-af", "aresample=async=1:first_pts=0"]


@dataclass(frozen=True)
class Case:
    """make: how ffmpeg draws the source. recipe: ours, in Python. shape: ffmpeg's arguments."""

    source: str
    make: Sequence[str]
    recipe: str
    out: str
    shape: Sequence[str]


def _clip(frames: int) -> str:
    return f"ClipRecipe(width=480, height=832, fps=Fraction(16), frames={frames}, hold_to={frames})"


def _lavfi(video: str, seconds: int) -> list[str]:
    sound = f"sine=frequency=220:sample_rate=44100:duration={seconds}"
    return ["-f", "lavfi", "-i", video, "-f", "lavfi", "-i", sound, "-t", str(seconds)]


CASES = {
    "clip_30s_1080p": Case(
        "clip.mp4",
        [
            *_lavfi(f"testsrc2=size=1920x1080:rate=30,{NOISY}", 30),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac"),
        ],
        _clip(480),
        "out.mp4",
        ["-vf", f"{COVER},format=yuv420p,{TAGS}", *MODEL_INPUT],
    ),
    "phone_10s_4k_hevc_hlg": Case(
        "phone.mov",
        [
            *_lavfi("testsrc2=size=3840x2160:rate=30,noise=alls=6:allf=t,format=yuv420p10le", 10),
            *("-c:v", "libx265", "-preset", "ultrafast", "-crf", "24", "-tag:v", "hvc1"),
            *("-x265-params", "log-level=error", "-color_primaries", "bt2020"),
            *("-color_trc", "arib-std-b67", "-colorspace", "bt2020nc", "-c:a", "aac"),
        ],
        _clip(160),
        "out.mp4",
        ["-vf", f"{TO_SDR},format=yuv420p,{TAGS}", *MODEL_INPUT],
    ),
    "sound_10min_to_voice": Case(
        "song.m4a",
        [
            *("-f", "lavfi", "-i", "anoisesrc=color=pink:sample_rate=44100:duration=600"),
            *("-ac", "2", "-c:a", "aac", "-b:a", "160k"),
        ],
        "VoiceRecipe(duration_s=600)",
        "voice.wav",
        [*GAPS, "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le"],
    ),
    "sound_10min_to_soundtrack": Case(
        "song.m4a",
        [],
        "SoundtrackRecipe(duration_s=600)",
        "soundtrack.wav",
        [*GAPS, "-ac", "2", "-ar", "48000", "-c:a", "pcm_s16le"],
    ),
}


async def measure() -> dict[str, Ratio]:
    return await asyncio.to_thread(_measure)


def _measure() -> dict[str, Ratio]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {f"shaping_{name}_vs_ffmpeg": _compare(case, folder) for name, case in CASES.items()}


def _compare(case: Case, folder: Path) -> Ratio:
    source = folder / case.source
    if not source.exists():
        subprocess.run(["ffmpeg", "-v", "error", *case.make, str(source)], check=True)
    # Turn by turn, so that a busy moment hurts both.
    pairs = [(_ours(case, source, folder), _ffmpeg(case, source, folder)) for _ in range(RUNS)]
    ours, theirs = zip(*pairs, strict=True)
    return Ratio(
        statistics.median(run["seconds"] for run in ours),
        statistics.median(run["seconds"] for run in theirs),
        goal=GOAL,
        runs=RUNS,
        details={
            "peak_mb": round(max(run["peak_mb"] for run in ours), 1),
            "ffmpeg_peak_mb": round(max(run["peak_mb"] for run in theirs), 1),
        },
    )


def _ours(case: Case, source: Path, folder: Path) -> dict[str, float]:
    child = subprocess.run(
        [sys.executable, "-c", CODE, str(source), str(folder / case.out), case.recipe],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(child.stdout)
    return found


def _ffmpeg(case: Case, source: Path, folder: Path) -> dict[str, float]:
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), *case.shape]
    started = time.monotonic()
    child = psutil.Popen([*command, str(folder / f"theirs-{case.out}")])
    peak = 0
    while child.poll() is None:
        peak = max(peak, _peak_kb(child.pid))
        time.sleep(SAMPLE_S)
    if child.returncode:
        raise RuntimeError(f"ffmpeg ended with {child.returncode}")
    return {"seconds": time.monotonic() - started, "peak_mb": peak / 1024}


def _peak_kb(pid: int) -> int:
    """The peak so far, which only grows; 0 once the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    found: list[Any] = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(found[0]) if found else 0
