"""A file that is served badly."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from services.comfy_sim.armed import Faults
from services.comfy_sim.faults import SlowDisk, TruncatedFile, WrongLength

CHUNK = 1 << 16


@dataclass(frozen=True)
class BadView:
    """size: that of the file as it is told. sent: how many bytes from its start are ever sent.

    delay: seconds before each chunk.
    """

    path: Path
    size: int
    sent: int
    delay: float

    async def send(self, request: web.Request, headers: Mapping[str, str]) -> web.StreamResponse:
        ranged = "Range" in request.headers
        part = range(self.size)[request.http_range]
        if ranged and not part:
            return web.Response(status=416)
        response = web.StreamResponse(headers=headers)
        response.content_length = len(part)
        response.headers["Accept-Ranges"] = "bytes"
        if ranged:
            response.set_status(206)
            response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{self.size}"
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        content = await asyncio.to_thread(self.path.read_bytes)
        for start in range(part.start, min(part.stop, self.sent), CHUNK):
            await asyncio.sleep(self.delay)
            await response.write(content[start : min(start + CHUNK, part.stop, self.sent)])
        if self.sent < part.stop and request.transport is not None:
            request.transport.close()
        return response


def bad_view(faults: Faults, path: Path) -> BadView | None:
    """How this file is served badly now, if it is."""
    size = path.stat().st_size
    slow = faults.take(SlowDisk, lambda fault: fault.fits(path.name))
    delay = slow.seconds if slow else 0.0
    if short := faults.take(TruncatedFile, lambda fault: fault.fits(path.name)):
        kept = int(size * short.kept)
        return BadView(path, kept, kept, delay)
    if wrong := faults.take(WrongLength, lambda fault: fault.fits(path.name)):
        return BadView(path, size, int(size * wrong.kept), delay)
    return BadView(path, size, size, delay) if slow else None
