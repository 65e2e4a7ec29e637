"""Setting faults over HTTP. No ComfyUI has these routes."""

from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError

from services.comfy_sim.boot import Boot
from services.comfy_sim.faults import as_json, read_fault
from services.comfy_sim.routes import Route

CONTROL_PATH = "/sim/faults"


@dataclass(frozen=True)
class Control:
    boot: Boot

    def routes(self) -> Iterator[Route]:
        yield Route("GET", CONTROL_PATH, self.list_faults)
        yield Route("POST", CONTROL_PATH, self.add_fault)
        yield Route("DELETE", CONTROL_PATH, self.clear_faults)

    async def list_faults(self, request: web.Request) -> web.Response:
        return web.json_response({"faults": self.boot.faults.listed()})

    async def add_fault(self, request: web.Request) -> web.StreamResponse:
        try:
            fault = read_fault(await request.json())
        except (KeyError, ValidationError) as error:
            return web.json_response({"error": str(error)}, status=400)
        response = web.json_response(as_json(fault))
        # Answered before it happens: it may be the end of this connection.
        await response.prepare(request)
        await response.write_eof()
        self.boot.faults.add(fault)
        self.boot.visit_now()
        return response

    async def clear_faults(self, request: web.Request) -> web.Response:
        self.boot.faults.clear()
        return web.Response()
