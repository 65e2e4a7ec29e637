"""What files are made with: ffmpeg, and a drawing that shows which way up it is."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw

FFMPEG_S = 60
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 40), (40, 50, 220), (230, 220, 40)
CORNERS = (RED, GREEN, BLUE, YELLOW)
"""Top left, top right, bottom left, bottom right."""


class FfmpegMissing(Exception):
    def __init__(self) -> None:
        super().__init__("The corpus is made with ffmpeg, which is not on PATH: apt install ffmpeg")


def require_ffmpeg() -> None:
    """Raises FfmpegMissing."""
    if shutil.which("ffmpeg") is None:
        raise FfmpegMissing


def ffmpeg(*words: object) -> None:
    """Run it, the same bytes each time, at the back of the line for the processor."""
    command = ["nice", "-n", "5", "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    command += ["-filter_threads", "1", *map(str, words)]
    run = subprocess.run(command, capture_output=True, timeout=FFMPEG_S, check=False)
    if run.returncode:
        raise ChildProcessError(f"{' '.join(command)}: {run.stderr.decode(errors='replace')}")


def drawn(width: int, height: int) -> Image.Image:
    """A figure on grey, its corners marked."""
    image = Image.new("RGB", (width, height), (120, 120, 120))
    draw = ImageDraw.Draw(image)
    for corner, colour in enumerate(CORNERS):
        left, top = (corner % 2) * (width - width // 4), (corner // 2) * (height - height // 4)
        draw.rectangle((left, top, left + width // 4, top + height // 4), fill=colour)
    draw.ellipse((width * 0.4, height * 0.2, width * 0.6, height * 0.42), fill=(240, 210, 180))
    draw.rectangle((width * 0.35, height * 0.45, width * 0.65, height * 0.9), fill=(60, 60, 70))
    return image


def marked_source(width: int, height: int, fps: str) -> str:
    """An endless lavfi source: a block that moves, between marked corners."""
    side, tall = max(width // 4, 2), max(height // 4, 2)
    boxes = [
        f"drawbox=x={(corner % 2) * (width - side)}:y={(corner // 2) * (height - tall)}:"
        f"w={side}:h={tall}:c=0x{bytes(colour).hex()}:t=fill"
        for corner, colour in enumerate(CORNERS)
    ]
    moving = f"testsrc=size={side}x{tall}:rate={fps}"
    overlay = f"[a][b]overlay=x='{side}+mod(n*2\\,{side})':y={height // 2 - tall // 2}"
    ground = f"color=c=0x787878:size={width}x{height}:rate={fps},format=rgb24"
    return f"{ground},{','.join(boxes)}[a];{moving}[b];{overlay}"


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """The folder while it is used; gone afterwards."""
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cores() -> int:
    return os.cpu_count() or 1
