"""What the server is and has."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.comfy_sim.boot import Boot
from services.comfy_sim.faults import LeakingMemory
from services.comfy_sim.options import GIB, SimOptions
from services.comfy_sim.profile import PROFILES
from services.comfy_sim.routes import Route

RAM_BYTES = 24 * GIB


def features(options: SimOptions) -> dict[str, Any]:
    """What /features and the websocket tell."""
    told = {"supports_preview_metadata": True, "max_upload_size": options.max_upload_bytes}
    if not PROFILES[options.profile].newer:
        return told
    return {
        **told,
        "supports_model_type_tags": True,
        "extension": {"manager": {"supports_v4": True}},
        "node_replacements": True,
        "assets": True,
    }


@dataclass(frozen=True)
class Listing:
    boot: Boot

    def routes(self) -> Iterator[Route]:
        yield Route("GET", "/system_stats", self.system_stats)
        yield Route("GET", "/features", self.features)
        yield Route("GET", "/object_info", self.object_info)
        yield Route("GET", "/object_info/{node_class}", self.class_info)
        yield Route("GET", "/models", self.model_folders)
        yield Route("GET", "/models/{folder}", self.models)
        yield Route("GET", "/embeddings", self.embeddings)

    async def system_stats(self, request: web.Request) -> web.Response:
        newer = self.boot.profile.newer
        system = {
            "os": "linux" if newer else "posix",
            "ram_total": RAM_BYTES,
            "ram_free": RAM_BYTES,
            "comfyui_version": self.boot.profile.version,
            "required_frontend_version": "none",
            "installed_templates_version": "none",
            "required_templates_version": "none",
            "python_version": sys.version,
            "pytorch_version": "none",
            "embedded_python": False,
            "argv": ["comfy_sim"],
            "simulated": True,
        }
        if newer:
            system |= {"comfy_package_versions": [], "deploy_environment": "local-git"}
        vram = int(self.boot.options.vram_gb * GIB)
        free = self._free(vram)
        sizes = {
            **dict.fromkeys(("vram_total", "torch_vram_total"), vram),
            **dict.fromkeys(("vram_free", "torch_vram_free"), free),
        }
        device = {"name": "simulated", "type": "cpu", "index": None, **sizes}
        return web.json_response({"system": system, "devices": [device]})

    def _free(self, vram: int) -> int:
        if leak := self.boot.faults.take(LeakingMemory):
            self.boot.leaks.append(leak.gb)
        return max(vram - int(sum(self.boot.leaks) * GIB), 0)

    async def features(self, request: web.Request) -> web.Response:
        return web.json_response(self.boot.sockets.features)

    async def object_info(self, request: web.Request) -> web.Response:
        catalog = self.boot.catalog
        return web.json_response({name: catalog.object_info(name) for name in catalog.contract})

    async def class_info(self, request: web.Request) -> web.Response:
        catalog = self.boot.catalog
        name = request.match_info["node_class"]
        known = name in catalog.contract
        return web.json_response({name: catalog.object_info(name)} if known else {})

    async def model_folders(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.boot.catalog.models))

    async def models(self, request: web.Request) -> web.Response:
        folder = request.match_info["folder"]
        if folder not in self.boot.catalog.models:
            return web.Response(status=404)
        return web.json_response(self.boot.catalog.models[folder])

    async def embeddings(self, request: web.Request) -> web.Response:
        return web.json_response([])
