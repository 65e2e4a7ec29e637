"""A socket that connects and then says nothing."""

import asyncio

from aiohttp import web

from services.comfy.connection import ComfyConnection
from services.comfy.queue import Queue
from services.doctor.hearing import UNHEARD_CHANGES, Hearing
from tests.unit.comfy.client_factory import serving


def line(prompt_id: str) -> Queue:
    return Queue(running=[prompt_id], pending=[])


async def test_socket_that_tells_no_change_is_silent_and_one_that_does_is_not() -> None:
    greeted, speak = asyncio.Event(), asyncio.Event()

    async def greet(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("{}")
        greeted.set()
        await speak.wait()
        while not socket.closed:
            await socket.send_str("{}")
            await asyncio.sleep(0.01)
        return socket

    async with (
        serving(("GET", "/ws", greet)) as url,
        ComfyConnection(url) as comfy,
        Hearing(comfy, pause_s=0) as hearing,
    ):
        await greeted.wait()
        async with asyncio.timeout(20):
            number = 0
            while not hearing.is_silent:
                number += 1
                hearing.observe(line(f"p{number}"))
                await asyncio.sleep(0.01)
            assert number >= UNHEARD_CHANGES
            speak.set()
            while hearing.is_silent:  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.01)
