"""Files over HTTP: /upload and /view."""

import asyncio
import mimetypes
from pathlib import PurePosixPath

from aiohttp import web
from aiohttp.web_request import FileField

from services.comfy_sim.files import (
    FOLDERS,
    FileStore,
    OutsideFolder,
    split_annotation,
    store_upload,
)

HARMLESS = "application/octet-stream"
RUNS_IN_BROWSERS = frozenset({"text/html", "text/css", "application/xhtml+xml"})


class Transfers:
    def __init__(self, files: FileStore) -> None:
        self.files = files
        self._storing = asyncio.Lock()

    async def upload_image(self, request: web.Request) -> web.Response:
        form = await request.post()
        image = form.get("image")
        if not image:
            return web.Response(status=400)
        if not isinstance(image, FileField):
            raise TypeError("the image is a plain field")
        kind = str(form.get("type", "input"))
        subfolder = str(form.get("subfolder", ""))
        try:
            wanted = self.files.place_upload(kind, subfolder, image.filename)
        except OutsideFolder:
            return web.Response(status=400)
        overwrite = form.get("overwrite") in ("true", "1")
        async with self._storing:
            stored = await asyncio.to_thread(store_upload, image.file, wanted, overwrite=overwrite)
        name = str(PurePosixPath(image.filename).with_name(stored.name))
        return web.json_response({"name": name, "subfolder": subfolder, "type": kind})

    async def upload_mask(self, request: web.Request) -> web.Response:
        """Stores the mask as it came; ComfyUI writes it into the original's alpha."""
        form = await request.post()
        form["original_ref"]
        return await self.upload_image(request)

    async def view(self, request: web.Request) -> web.StreamResponse:
        if "filename" not in request.query:
            return web.Response(status=404)
        filename, kind = split_annotation(request.query["filename"])
        if not filename or filename.startswith("/") or ".." in filename:
            return web.Response(status=400)
        kind = kind or request.query.get("type", "output")
        if kind not in FOLDERS:
            return web.Response(status=400)
        try:
            path = self.files.find_saved(kind, request.query.get("subfolder", ""), filename)
        except OutsideFolder:
            return web.Response(status=403)
        if path is None:
            return web.Response(status=404)
        guessed = mimetypes.guess_type(path.name)[0] or HARMLESS
        headers = {
            "Content-Disposition": f'filename="{path.name}"',
            "Content-Type": HARMLESS if guessed in RUNS_IN_BROWSERS else guessed,
        }
        return web.FileResponse(path, headers=headers)
