"""Files that come in over HTTP."""

import asyncio
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from aiohttp import web
from aiohttp.web_request import FileField

from services.comfy_sim.boot import Boot
from services.comfy_sim.enrich import asset
from services.comfy_sim.faults import SlowDisk, Upload413, Upload500
from services.comfy_sim.files import OutsideFolder, store_upload


@dataclass(frozen=True)
class Uploads:
    boot: Boot
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def upload_image(self, request: web.Request) -> web.Response:
        form = await request.post()
        image = form.get("image")
        if not image:
            return web.Response(status=400)
        if not isinstance(image, FileField):
            raise TypeError("the image is a plain field")
        await self._go_wrong(image.filename)
        kind = str(form.get("type", "input"))
        subfolder = str(form.get("subfolder", ""))
        try:
            wanted = self.boot.catalog.files.place_upload(kind, subfolder, image.filename)
        except OutsideFolder:
            return web.Response(status=400)
        overwrite = form.get("overwrite") in ("true", "1")
        async with self._storing:
            stored = await asyncio.to_thread(store_upload, image.file, wanted, overwrite=overwrite)
        name = str(PurePosixPath(image.filename).with_name(stored.name))
        answer = {"name": name, "subfolder": subfolder, "type": kind}
        if self.boot.profile.newer:
            return web.json_response({**answer, "asset": asset(stored, kind)})
        return web.json_response(answer)

    async def upload_mask(self, request: web.Request) -> web.Response:
        """Stores the mask as it came; ComfyUI writes it into the original's alpha."""
        form = await request.post()
        form["original_ref"]
        return await self.upload_image(request)

    async def _go_wrong(self, name: str) -> None:
        faults = self.boot.faults
        if slow := faults.take(SlowDisk, lambda fault: fault.fits(name)):
            await asyncio.sleep(slow.seconds)
        if faults.take(Upload413, lambda fault: fault.fits(name)):
            raise web.HTTPRequestEntityTooLarge(self.boot.options.max_upload_bytes)
        if faults.take(Upload500, lambda fault: fault.fits(name)):
            raise OSError("the upload was not stored")
