"""POST /upload/image: names, folders and what is refused."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contract.graphs import FOLDER
from tests.contract.server import Server

BOUNDARY = "contract"
END = f"--{BOUNDARY}--\r\n"


def new_folder() -> str:
    return f"{FOLDER}/{uuid4().hex}"


def part(name: str, content: str, filename: str | None = None) -> str:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'Content-Disposition: form-data; name="{name}"{named}'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n{content}\r\n"


async def post_form(
    server: Server, *parts: str, end: str = f"--{BOUNDARY}--\r\n"
) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    content = "".join(parts) + end
    return await server.http.post("/upload/image", content=content.encode(), headers=headers)


async def read_input(server: Server, folder: str, name: str) -> httpx.Response:
    place = {"filename": name, "subfolder": folder, "type": "input"}
    return await server.http.get("/view", params=place)


async def names_of(server: Server, name: str, *contents: bytes) -> list[str]:
    """What the server calls them, when all are sent under one name."""
    folder = new_folder()
    stored = [await server.upload(content, name, subfolder=folder) for content in contents]
    return [answer["name"] for answer in stored]


@pytest.mark.parametrize("kind", ["input", "output", "temp"])
async def test_an_upload_tells_where_it_is(server: Server, kind: str) -> None:
    folder = new_folder()
    stored = await server.upload(b"bytes", "a.png", subfolder=folder, type=kind)
    assert (stored["name"], stored["subfolder"], stored["type"]) == ("a.png", folder, kind)
    place = {"filename": "a.png", "subfolder": folder, "type": kind}
    assert (await server.http.get("/view", params=place)).content == b"bytes"


async def test_an_upload_goes_to_the_inputs(server: Server) -> None:
    assert (await server.upload(b"bytes", "a.png"))["type"] == "input"


@pytest.mark.parametrize("name", ["a.mp4", "a.wav", "a.latent", "a.py", "a.html", "bare"])
async def test_neither_the_name_nor_the_bytes_are_judged(server: Server, name: str) -> None:
    assert await names_of(server, name, b"\0anything") == [name]


async def test_an_empty_file_is_kept(server: Server) -> None:
    folder = new_folder()
    await server.upload(b"", "a.png", subfolder=folder)
    answer = await read_input(server, folder, "a.png")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_the_same_bytes_keep_their_name_and_others_get_the_next(server: Server) -> None:
    names = await names_of(server, "a.bin", b"one", b"two", b"one", b"two", b"three")
    assert names == ["a.bin", "a (1).bin", "a.bin", "a (1).bin", "a (2).bin"]


async def test_the_count_goes_before_the_last_ending(server: Server) -> None:
    names = await names_of(server, "a.tar.gz", b"one", b"two")
    assert names == ["a.tar.gz", "a.tar (1).gz"]


@pytest.mark.parametrize(
    ("overwrite", "name"),
    [("true", "a.bin"), ("1", "a.bin"), ("True", "a (1).bin"), ("yes", "a (1).bin")],
)
async def test_only_true_or_1_overwrites(server: Server, overwrite: str, name: str) -> None:
    folder = new_folder()
    await server.upload(b"one", "a.bin", subfolder=folder)
    stored = await server.upload(b"two", "a.bin", subfolder=folder, overwrite=overwrite)
    assert stored["name"] == name
    assert (await read_input(server, folder, name)).content == b"two"


async def test_a_folder_is_made_and_named_as_it_was_sent(server: Server) -> None:
    folder = new_folder()
    for spelling in (f"{folder}/deep", f"{folder}//deep/", f"./{folder}/../../{folder}/deep"):
        stored = await server.upload(b"bytes", "a.bin", subfolder=spelling)
        assert (stored["name"], stored["subfolder"]) == ("a.bin", spelling)
    assert (await read_input(server, f"{folder}/deep", "a.bin")).content == b"bytes"


@pytest.mark.parametrize(
    ("name", "folder"),
    [("../x.png", ""), ("../../x.png", ""), ("x.png", ".."), ("x.png", "../.."), ("x.png", "/tmp")],  # noqa: S108
)
async def test_a_way_out_of_the_folder_is_refused(server: Server, name: str, folder: str) -> None:
    answer = await server.try_upload(b"bytes", name, subfolder=folder)
    assert (answer.status_code, answer.content) == (400, b"")


@pytest.mark.parametrize("kind", ["", "elsewhere"])
async def test_an_unknown_kind_of_folder_is_a_server_error(server: Server, kind: str) -> None:
    answer = await server.try_upload(b"bytes", "a.png", subfolder=FOLDER, type=kind)
    assert answer.status_code == 500


async def test_a_folder_in_the_name_must_be_there(server: Server) -> None:
    folder = new_folder()
    answer = await server.try_upload(b"bytes", f"{folder}/a.png")
    assert answer.status_code == 500


async def test_the_file_must_be_called_image(server: Server) -> None:
    answer = await post_form(server, part("file", "bytes", "a.png"))
    assert (answer.status_code, answer.content) == (400, b"")


async def test_an_upload_that_is_no_form_is_refused(server: Server) -> None:
    answer = await server.http.post("/upload/image", json={"image": "x"})
    assert (answer.status_code, answer.content) == (400, b"")


@pytest.mark.parametrize("filename", [None, ""])
async def test_a_file_without_a_name_is_a_server_error(server: Server, filename: Any) -> None:
    assert (await post_form(server, part("image", "bytes", filename))).status_code == 500


@pytest.mark.parametrize("content", ["", "garbage"])
async def test_a_broken_form_is_a_server_error(server: Server, content: str) -> None:
    assert (await post_form(server, content, end="")).status_code == 500


# aiohttp leaves such a part to the garbage collector, and the stand-in runs in this process.
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
async def test_a_form_cut_short_stores_nothing(server: Server) -> None:
    name = f"{uuid4().hex}.png"
    whole = part("image", "bytes", name)
    assert (await post_form(server, whole.removesuffix("\r\n"), end="")).status_code == 500
    assert (await read_input(server, "", name)).status_code == 404


async def test_the_first_of_two_files_is_stored(server: Server) -> None:
    folder = new_folder()
    files = [part("image", "one", "1.png"), part("image", "two", "2.png")]
    answer = await post_form(server, part("subfolder", folder), *files)
    assert answer.json()["name"] == "1.png"
    assert (await read_input(server, folder, "1.png")).content == b"one"
    assert (await read_input(server, folder, "2.png")).status_code == 404


async def test_a_mask_without_its_picture_is_a_server_error(server: Server) -> None:
    answer = await server.try_upload(b"bytes", "a.png", "/upload/mask", subfolder=FOLDER)
    assert answer.status_code == 500


async def test_an_upload_beyond_the_limit_is_413(server: Server) -> None:
    limit = server.traits.max_upload_bytes
    if limit > 4 << 20:
        pytest.skip(f"the limit of {limit} bytes is too large to exceed")
    answer = await server.try_upload(b"x" * limit, "a.bin", subfolder=FOLDER)
    assert (answer.status_code, str(limit) in answer.text) == (413, True)
