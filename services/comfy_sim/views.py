"""Files that go out over HTTP."""

import asyncio
import mimetypes
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from aiohttp import web
from PIL import Image

from services.comfy_sim.bad_view import bad_view
from services.comfy_sim.boot import Boot
from services.comfy_sim.faults import VanishedFile
from services.comfy_sim.files import FOLDERS, OutsideFolder, split_annotation

HARMLESS = "application/octet-stream"
RUNS_IN_BROWSERS = frozenset({"text/html", "text/css", "application/xhtml+xml"})
ALSO_HARMFUL = frozenset(
    {"text/javascript", "application/javascript", "application/xml", "text/xml", "image/svg+xml"}
)
"""What newer servers don't let a browser run either."""

TYPES = {".js": "application/javascript; charset=utf-8"}
PREVIEW_QUALITY = 90


@dataclass(frozen=True)
class Views:
    boot: Boot

    async def view(self, request: web.Request) -> web.StreamResponse:
        if "filename" not in request.query:
            return web.Response(status=404)
        filename, kind = split_annotation(request.query["filename"])
        if not filename or filename.startswith("/") or ".." in filename:
            return web.Response(status=400)
        kind = kind or request.query.get("type", "output")
        if kind not in FOLDERS:
            return web.Response(status=400)
        subfolder = request.query.get("subfolder", "")
        try:
            path = self.boot.catalog.files.find_saved(kind, subfolder, filename)
        except OutsideFolder:
            return web.Response(status=403)
        if path is None or self._vanished(path):
            return web.Response(status=404)
        return await self._serve(request, path)

    def _vanished(self, path: Path) -> bool:
        fault = self.boot.faults.take(VanishedFile, lambda fault: fault.fits(path.name))
        return fault is not None

    async def _serve(self, request: web.Request, path: Path) -> web.StreamResponse:
        channel = request.query.get("channel", "")
        if "preview" in request.query:
            wanted = request.query["preview"].split(";")
            return _answer(path, *await asyncio.to_thread(_small_copy, path, wanted, channel))
        if channel in ("rgb", "a"):
            return _answer(path, *await asyncio.to_thread(_one_channel, path, channel))
        headers = _headers(path, newer=self.boot.profile.newer)
        bad = bad_view(self.boot.faults, path)
        if bad is not None:
            return await bad.send(request, headers)
        return web.FileResponse(path, headers=headers)

    async def view_metadata(self, request: web.Request) -> web.Response:
        """The models are names without files, so there is nothing to tell of any."""
        return web.Response(status=404)


def _headers(path: Path, *, newer: bool) -> dict[str, str]:
    guessed = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or HARMLESS
    bare = guessed.partition(";")[0]
    harmful = bare in RUNS_IN_BROWSERS or (newer and bare in ALSO_HARMFUL)
    attached = "attachment; " if newer and harmful else ""
    headers = {
        "Content-Disposition": f'{attached}filename="{path.name}"',
        "Content-Type": HARMLESS if harmful else guessed,
    }
    return {**headers, "X-Content-Type-Options": "nosniff"} if newer else headers


def _answer(path: Path, body: bytes, content_type: str) -> web.Response:
    headers = {"Content-Disposition": f'filename="{path.name}"'}
    return web.Response(body=body, content_type=content_type, headers=headers)


def _small_copy(path: Path, wanted: list[str], channel: str) -> tuple[bytes, str]:
    """wanted: a format, perhaps with a quality. Raises OSError for what is no picture."""
    chosen = wanted[0] if wanted[0] in ("webp", "jpeg") and "a" not in channel else "webp"
    quality = int(wanted[-1]) if wanted[-1].isdigit() else PREVIEW_QUALITY
    with Image.open(path) as image:
        shown = image.convert("RGB") if chosen == "jpeg" or channel == "rgb" else image
        return _saved(shown, chosen, quality=quality), f"image/{chosen}"


def _one_channel(path: Path, channel: str) -> tuple[bytes, str]:
    with Image.open(path) as image:
        if channel == "rgb":
            return _saved(image.convert("RGB"), "png"), "image/png"
        mask = Image.new("RGBA", image.size)
        mask.putalpha(image.getchannel("A") if image.mode == "RGBA" else 255)
        return _saved(mask, "png"), "image/png"


def _saved(image: Image.Image, chosen: str, **options: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, chosen, **options)
    return buffer.getvalue()
