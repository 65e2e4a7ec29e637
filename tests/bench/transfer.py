"""Bytes a second into the object store, by the product's ways, against a plain copy."""

import os
import statistics
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aioboto3
import aiohttp
from aiobotocore.config import AioConfig
from aiohttp import web

from proto.render import BackendFile
from services.comfy import files
from services.comfy.connection import ComfyConnection
from services.local.children import settings_of
from services.store.objects import ObjectStore, open_object_store
from tests.access import let_in
from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench

FILE_MIB = 150
RUNS = 5
GOAL = 0.7
RATE_HZ = 96_000
"""Of a sound that is nearly as large as one may be, and short enough."""

Copy = Callable[[int], Awaitable[float]]
"""Copies once and gives the seconds. The number tells the runs apart."""


async def measure() -> dict[str, Ratio]:
    """Upload: from the first byte that is sent to the verdict, through ingress and gateway.
    Collect: what a worker does with a video that a backend has made. Both hash what they store.
    """
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(open_bench(backends=1, render_s=1))
        path = bench.layout.data / "noise.wav"
        _write_noise(path)
        into, out = await _in_turn(
            await stack.enter_async_context(_plain(bench, path)),
            await stack.enter_async_context(_uploading(bench, path)),
            await stack.enter_async_context(_collecting(bench, path)),
        )
    return {"upload_vs_plain_copy": into, "collect_vs_plain_copy": out}


def _write_noise(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        for _ in range(FILE_MIB):
            sound.writeframes(os.urandom(1024 * 1024))


async def _in_turn(plain: Copy, *ways: Copy) -> list[Ratio]:
    """Turn by turn, so that a busy moment hurts all. In MiB a second."""
    taken = [[await copy(run) for copy in (plain, *ways)] for run in range(RUNS)]
    rates = [FILE_MIB / statistics.median(seconds) for seconds in zip(*taken, strict=True)]
    return [Ratio(rate, rates[0], goal=GOAL, runs=RUNS, at_least=True) for rate in rates[1:]]


@asynccontextmanager
async def _plain(bench: Bench, path: Path) -> AsyncIterator[Copy]:
    """The library's own upload of a file, as it comes."""
    settings = settings_of(bench.layout)
    session = aioboto3.Session(
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        region_name=settings.s3_region,
    )
    config = AioConfig(
        request_checksum_calculation="when_required", s3={"addressing_style": "path"}
    )
    async with session.client("s3", endpoint_url=settings.s3_endpoint, config=config) as client:

        async def copy(run: int) -> float:
            began = time.monotonic()
            await client.upload_file(str(path), settings.s3_bucket, f"bench/plain-{run}")
            return time.monotonic() - began

        yield copy


@asynccontextmanager
async def _uploading(bench: Bench, path: Path) -> AsyncIterator[Copy]:
    way = await let_in(bench.layout.database_url)
    url = f"{bench.layout.url}/api/assets/audio"
    async with aiohttp.ClientSession(headers=way.headers) as http:

        async def upload(_: int) -> float:
            began = time.monotonic()
            with path.open("rb") as file:
                async with http.post(url, data={"file": file}) as answer:
                    answer.raise_for_status()
                    asset_id = (await answer.json())["asset_id"]
            took = time.monotonic() - began
            # It is decoded from end to end after the answer, which is not to disturb the next copy.
            await bench.studio.until_checked(asset_id)
            return took

        yield upload


@asynccontextmanager
async def _collecting(bench: Bench, path: Path) -> AsyncIterator[Copy]:
    async with AsyncExitStack() as stack:
        objects = await stack.enter_async_context(open_object_store(settings_of(bench.layout)))
        origin = await stack.enter_async_context(_serving(path))
        backend = await stack.enter_async_context(ComfyConnection(origin))

        async def collect(run: int) -> float:
            began = time.monotonic()
            await _collect(objects, backend, path.with_name("fetched"), f"bench/{run}")
            return time.monotonic() - began

        yield collect


async def _collect(objects: ObjectStore, backend: ComfyConnection, path: Path, key: str) -> None:
    """As temporal/activities/collecting.py does, but for looking into it."""
    file = BackendFile(filename="noise.wav", subfolder="", type="output")
    async with files.download(backend, file) as download:
        with path.open("wb") as out:
            async for chunk in download.chunks:
                out.write(chunk)
    await objects.put_file(key, path, "video/mp4")


@asynccontextmanager
async def _serving(path: Path) -> AsyncIterator[str]:
    """A backend that has the file; gives its address."""

    async def view(_: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    app = web.Application()
    app.router.add_get("/view", view)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
