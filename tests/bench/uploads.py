"""How soon an upload is judged, and what a large one costs in memory."""

import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil

from tests.bench.stacks import Bench, open_bench
from tests.studio import eventually

MIB = 1024 * 1024
VERDICTS = 10
VERDICT_GOAL_S = 0.3
MEMORY_GOAL = 1.2
CHUNK_BYTES = 256 * 1024
SAMPLE_S = 0.1
PATIENCE_S = 600.0
HEAD = (
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="clip.mp4"\r\n'
    b"Content-Type: video/mp4\r\n\r\n"
)
TAIL = b"\r\n--edge--\r\n"
# Noise that does not compress gives the size; loops of packets cost no encoding.
SOURCE = "testsrc2=size={size}:rate=30,noise=alls=20:allf=t,format=yuv420p"
PHONE, SMALL = "1920x1080", "640x360"
DRAWN = {
    10 * MIB: (SMALL, "2.6M", 0),
    50 * MIB: (PHONE, "13.5M", 0),
    1000 * MIB: (SMALL, "14.0M", 19),
}


async def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        clips = {size: await asyncio.to_thread(_draw, Path(name), size) for size in DRAWN}
        verdicts = await _verdicts(clips[50 * MIB])
        peaks = {size: await _peaks(clips[size]) for size in (10 * MIB, 1000 * MIB)}
    small, large = peaks.values()
    ratios = {service: round(large[service] / small[service], 3) for service in small}
    return {
        "verdict_after_last_byte_of_50_mb": verdicts,
        "peak_of_1_gb_vs_10_mb": {
            "ratios": ratios,
            "goal": MEMORY_GOAL,
            "met": max(ratios.values()) <= MEMORY_GOAL,
            "peak_mb_1_gb": large,
        },
    }


def _draw(folder: Path, size: int) -> Path:
    shape, bit_rate, loops = DRAWN[size]
    piece, clip = folder / f"seed-{size}.mp4", folder / f"{size}.mp4"
    rate = ["-b:v", bit_rate, "-minrate", bit_rate, "-maxrate", bit_rate, "-bufsize", "4M"]
    sound = ["-f", "lavfi", "-i", "sine=220:duration=30"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", *rate, "-c:a", "aac"]
    ffmpeg = ["ffmpeg", "-v", "error"]
    subprocess.run(
        [
            *ffmpeg,
            "-f",
            "lavfi",
            "-i",
            SOURCE.format(size=shape),
            *sound,
            "-t",
            "30",
            *encode,
            str(piece),
        ],
        check=True,
    )
    loop = ["-stream_loop", str(loops), "-i", str(piece), "-c", "copy"]
    subprocess.run([*ffmpeg, *loop, str(clip)], check=True)
    return clip


async def _verdicts(clip: Path) -> dict[str, Any]:
    async with open_bench(backends=1, render_s=1) as bench:
        await _upload(bench, clip)
        found = sorted([await _upload(bench, clip) for _ in range(VERDICTS)])
    p95 = found[round(0.95 * (len(found) - 1))]
    return {
        "clip_mb": round(clip.stat().st_size / MIB, 1),
        "median_s": round(statistics.median(found), 3),
        "p95_s": round(p95, 3),
        "goal_s": VERDICT_GOAL_S,
        "met": p95 <= VERDICT_GOAL_S,
        "runs": len(found),
    }


async def _upload(bench: Bench, clip: Path) -> float:
    """Seconds from the last byte that was sent to the answer; then all of the clip is read."""
    sent = 0.0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield HEAD
        with clip.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
        yield TAIL
        sent = time.monotonic()

    headers = {
        "Content-Type": "multipart/form-data; boundary=edge",
        "Content-Length": str(len(HEAD) + clip.stat().st_size + len(TAIL)),
    }
    response = await bench.studio.http.post(
        "/api/assets/video", content=body(), headers=headers, timeout=PATIENCE_S
    )
    took = time.monotonic() - sent
    response.raise_for_status()
    path = f"/api/assets/{response.json()['asset_id']}"

    async def checked() -> bool:
        return bool((await bench.studio.fetch_json(path))["checked"])

    await eventually(checked, within_s=PATIENCE_S)
    return took


async def _peaks(clip: Path) -> dict[str, float]:
    """The peak of each service in MB, with its children's, until the clip was read to its end."""
    async with open_bench(backends=1, render_s=1) as bench:
        pids = bench.stack.pids
        peaks = dict.fromkeys(pids, 0.0)
        watch = asyncio.create_task(_watch(pids, peaks))
        await _upload(bench, clip)
        watch.cancel()
    return {name: round(peak, 1) for name, peak in peaks.items()}


async def _watch(pids: dict[str, int], peaks: dict[str, float]) -> None:
    while True:
        for name, pid in pids.items():
            peaks[name] = max(peaks[name], _peak_mb(pid))
        await asyncio.sleep(SAMPLE_S)


def _peak_mb(pid: int) -> float:
    """Of the largest of its processes: a service is a limit's owner process by process."""
    tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return max(_own_peak_mb(process.pid) for process in tree)


def _own_peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0
