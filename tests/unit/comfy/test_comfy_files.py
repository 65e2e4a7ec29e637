import hashlib
import io
from pathlib import Path

import pytest
from aiohttp import web

from proto.render import BackendFile
from services.comfy import files
from services.comfy.connection import (
    ComfyConnection,
    ComfyProtocol,
    ComfyRejected,
    ComfyUnavailable,
)
from tests.unit.comfy.client_factory import serving
from tests.unit.comfy.comfy_factory import Bench, served

CONTENT = bytes(range(256)) * 40
SAVED = BackendFile(filename="a.mp4", subfolder="job/1", type="output")


def save(bench: Bench) -> None:
    folder = bench.sim.files.folder("output") / SAVED.subfolder
    folder.mkdir(parents=True)
    (folder / SAVED.filename).write_bytes(CONTENT)


async def upload(bench: Bench, content: bytes, name: str = "a.png", subfolder: str = "") -> str:
    return await files.upload(bench.comfy, io.BytesIO(content), name=name, subfolder=subfolder)


async def test_upload_gives_the_name_a_loader_takes(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        name = await upload(bench, b"one", subfolder="jobs/j1")
        assert name == "jobs/j1/a.png"
        assert bench.sim.files.find_input(name).read_bytes() == b"one"


async def test_same_bytes_uploaded_again_keep_their_name(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert await upload(bench, b"one") == await upload(bench, b"one") == "a.png"


async def test_other_bytes_under_a_taken_name_get_the_next_number(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        names = [await upload(bench, content) for content in (b"one", b"two", b"three", b"two")]
        assert names == ["a.png", "a (1).png", "a (2).png", "a (1).png"]


async def test_number_goes_before_the_last_suffix_only(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await upload(bench, b"one", "archive.tar.gz")
        assert await upload(bench, b"two", "archive.tar.gz") == "archive.tar (1).gz"


async def test_file_on_disk_is_uploaded_whole(tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    source.write_bytes(CONTENT)
    async with served(tmp_path / "server") as bench:
        name = await files.upload(bench.comfy, source, name="voice.wav", subfolder="")
        assert bench.sim.files.find_input(name).read_bytes() == CONTENT


@pytest.mark.parametrize("subfolder", ["..", "../..", "/etc", "a/../../b"])
async def test_upload_outside_the_inputs_is_rejected(tmp_path: Path, subfolder: str) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            await upload(bench, b"one", subfolder=subfolder)
        assert refusal.value.status == 400


async def test_upload_over_the_limit_is_rejected(tmp_path: Path) -> None:
    async with served(tmp_path, max_upload_bytes=1000) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            await upload(bench, bytes(2000))
        assert refusal.value.status == 413


async def test_download_gives_length_and_every_byte(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        save(bench)
        async with files.download(bench.comfy, SAVED) as download:
            digest = hashlib.sha256()
            async for chunk in download.chunks:
                digest.update(chunk)
        assert (download.start, download.content_length) == (0, len(CONTENT))
        assert digest.digest() == hashlib.sha256(CONTENT).digest()


async def test_download_continues_from_a_byte(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        save(bench)
        async with files.download(bench.comfy, SAVED, start=10_000) as download:
            rest = b"".join([chunk async for chunk in download.chunks])
        assert download.content_length == len(rest)
        assert rest == CONTENT[10_000:]


async def test_missing_file_is_rejected(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            async with files.download(bench.comfy, SAVED):
                pass
        assert refusal.value.status == 404


async def test_file_that_an_ingress_compressed_is_refused() -> None:
    async def compressed(request: web.Request) -> web.Response:
        response = web.Response(body=CONTENT)
        response.headers["Content-Encoding"] = "gzip"
        return response

    async with serving(("GET", "/view", compressed)) as url, ComfyConnection(url) as comfy:
        with pytest.raises(ComfyProtocol, match="compressed"):
            async with files.download(comfy, SAVED):
                pass


async def test_failed_download_tells_what_the_server_said() -> None:
    async def broken(request: web.Request) -> web.Response:
        return web.Response(status=502, text="upstream is gone")

    async with serving(("GET", "/view", broken)) as url, ComfyConnection(url) as comfy:
        with pytest.raises(ComfyUnavailable, match=r"GET /view: 502 .*upstream is gone"):
            async with files.download(comfy, SAVED):
                pass
