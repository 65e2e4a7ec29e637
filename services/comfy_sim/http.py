"""The HTTP side of one boot.

A handler that fails on a bad request answers as ComfyUI does: aiohttp turns any exception into
500, a plain text, and a closed connection.
"""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from services.comfy_sim.boot import Boot, StoppedServer
from services.comfy_sim.connections import cut
from services.comfy_sim.control import CONTROL_PATH, Control
from services.comfy_sim.faults import Answer503, HangHttp, Moment
from services.comfy_sim.jobs import Jobs
from services.comfy_sim.listing import Listing
from services.comfy_sim.prompts import Prompts
from services.comfy_sim.routes import Handler, Route
from services.comfy_sim.uploads import Uploads
from services.comfy_sim.views import Views

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PAGE = "<!doctype html><title>ComfyUI stand-in</title><p>Simulated ComfyUI. Nothing is generated."


def build_app(boot: Boot) -> web.Application:
    checks = [disturb(boot), refuse_other_sites]
    if boot.profile.newer:
        checks.insert(1, refuse_cross_site)
    app = web.Application(client_max_size=boot.options.max_upload_bytes, middlewares=checks)
    prompts = Prompts(boot)
    app.on_cleanup.append(prompts.cancel_late)
    routes = [*prompts.routes(), *Listing(boot).routes(), *_file_routes(boot)]
    for prefix in ("", "/api"):
        for route in routes:
            _add(app, prefix + route.path, route)
        app.router.add_get(f"{prefix}/ws", open_socket(boot))
    if boot.profile.newer:
        for route in Jobs(boot).routes():
            _add(app, f"/api{route.path}", route)
    if boot.options.control:
        for route in Control(boot).routes():
            _add(app, route.path, route)
    app.router.add_get("/", front_page)
    app.router.add_get("/{path:.*}", no_file)
    return app


def open_socket(boot: Boot) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await boot.sockets.serve(request, lambda: boot.visit(Moment.CONNECTED))

    return handler


def _file_routes(boot: Boot) -> Iterator[Route]:
    uploads, views = Uploads(boot), Views(boot)
    yield Route("POST", "/upload/image", uploads.upload_image)
    yield Route("POST", "/upload/mask", uploads.upload_mask)
    yield Route("GET", "/view", views.view)
    yield Route("GET", "/view_metadata/{folder}", views.view_metadata)


def _add(app: web.Application, path: str, route: Route) -> None:
    if route.method == "GET":
        app.router.add_get(path, route.handler)
    else:
        app.router.add_route(route.method, path, route.handler)


async def front_page(request: web.Request) -> web.Response:
    headers = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "0"}
    return web.Response(text=PAGE, content_type="text/html", headers=headers)


async def no_file(request: web.Request) -> web.Response:
    """ComfyUI looks for its page's files under every path that is not a route."""
    return web.Response(status=404, content_type="application/octet-stream")


@web.middleware
async def refuse_other_sites(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page of another site must not reach a server on the reader's own machine."""
    origin = urlsplit(request.headers.get("Origin", ""))
    host = urlsplit(f"//{request.host}")
    if host.hostname in LOOPBACK and origin.hostname is not None:
        ports_differ = None not in (origin.port, host.port) and origin.port != host.port
        if origin.hostname != host.hostname or ports_differ:
            return web.Response(status=403)
    if request.method == "OPTIONS":
        return web.Response()
    return await handler(request)


@web.middleware
async def refuse_cross_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return web.Response(status=403)
    return await handler(request)


def disturb(boot: Boot) -> Middleware:
    """Lets requests meet what is set to go wrong with them."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == CONTROL_PATH:
            return await handler(request)
        if boot.faults.take(Answer503, lambda fault: fault.fits(request.path)):
            return web.Response(status=503)
        if hang := boot.faults.take(HangHttp, lambda fault: fault.fits(request.path)):
            await asyncio.sleep(hang.seconds)
            return cut(request)
        try:
            return await handler(request)
        except StoppedServer:
            return cut(request)

    return middleware
