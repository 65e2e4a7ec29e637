"""GET /view: files as they are, in whole or in part."""

from typing import Any
from uuid import uuid4

import pytest

from tests.contract.graphs import FOLDER, picture
from tests.contract.server import Server

CONTENT = bytes(range(200))
SIZE = len(CONTENT)

Place = dict[str, str]


@pytest.fixture
async def place(server: Server) -> Place:
    """Where a file of CONTENT is."""
    folder = f"{FOLDER}/{uuid4().hex}"
    await server.upload(CONTENT, "a.mp4", subfolder=folder)
    return {"filename": "a.mp4", "subfolder": folder, "type": "input"}


async def test_a_file_comes_with_its_length_name_and_type(server: Server, place: Place) -> None:
    answer = await server.http.get("/view", params=place)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert 'filename="a.mp4"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"),
        ("a.webm", "video/webm"),
        ("a.latent", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
    ],
)
async def test_the_type_follows_the_ending(server: Server, name: str, kind: str) -> None:
    await server.upload(b"bytes", name, subfolder=FOLDER)
    place = {"filename": name, "subfolder": FOLDER, "type": "input"}
    assert (await server.http.get("/view", params=place)).headers["Content-Type"] == kind


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("0-9", 0, 10), ("150-", 150, SIZE), ("-10", SIZE - 10, SIZE), ("190-999", 190, SIZE)],
)
async def test_a_part_can_be_asked_for(
    server: Server, place: Place, wanted: str, start: int, stop: int
) -> None:
    headers = {"Range": f"bytes={wanted}"}
    answer = await server.http.get("/view", params=place, headers=headers)
    assert (answer.status_code, answer.content) == (206, CONTENT[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"


@pytest.mark.parametrize("wanted", ["999-", "abc", "0-1,5-6"])
async def test_a_part_that_cannot_be_had_is_416(server: Server, place: Place, wanted: str) -> None:
    headers = {"Range": f"bytes={wanted}"}
    answer = await server.http.get("/view", params=place, headers=headers)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    ("told", "asked"), [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]
)
async def test_a_file_that_did_not_change_is_304(
    server: Server, place: Place, told: str, asked: str
) -> None:
    first = await server.http.get("/view", params=place)
    second = await server.http.get("/view", params=place, headers={asked: first.headers[told]})
    assert (second.status_code, second.content) == (304, b"")


async def test_a_part_of_a_file_that_changed_is_the_whole(server: Server, place: Place) -> None:
    changed = (await server.http.get("/view", params=place)).headers["Last-Modified"]
    for known, status in ((changed, 206), ("Mon, 01 Jan 2001 00:00:00 GMT", 200)):
        headers = {"Range": "bytes=0-9", "If-Range": known}
        assert (await server.http.get("/view", params=place, headers=headers)).status_code == status


async def test_head_tells_the_length(server: Server, place: Place) -> None:
    answer = await server.http.head("/view", params=place)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(SIZE))
    missing = await server.http.head("/view", params={**place, "filename": "none.mp4"})
    assert missing.status_code == 404


async def test_output_is_the_kind_when_none_is_given(idle: Server) -> None:
    (file,) = await idle.render(picture())
    place = {"filename": file["filename"], "subfolder": file["subfolder"]}
    whole = await idle.http.get("/view", params=place)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "image/png")


async def test_a_kind_in_the_name_goes_before_the_kind_asked_for(
    server: Server, place: Place
) -> None:
    asked = {**place, "filename": "a.mp4 [input]", "type": "output"}
    assert (await server.http.get("/view", params=asked)).content == CONTENT


async def test_unknown_keys_are_ignored(server: Server, place: Place) -> None:
    assert (await server.http.get("/view", params={**place, "rand": "0.1"})).content == CONTENT


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"filename": "none.mp4"}, 404),
        ({"filename": ""}, 400),
        ({"filename": "/a.mp4"}, 400),
        ({"filename": "../a.mp4"}, 400),
        ({"filename": "a..mp4"}, 400),
        ({"type": "elsewhere"}, 400),
        ({"type": ""}, 400),
        ({"subfolder": f"{FOLDER}/none"}, 404),
        ({"subfolder": "../output"}, 403),
        ({"subfolder": "/tmp"}, 403),  # noqa: S108
    ],
)
async def test_what_is_not_to_be_had_is_told_by_the_status_alone(
    server: Server, place: Place, change: Place, status: int
) -> None:
    answer = await server.http.get("/view", params={**place, **change})
    assert (answer.status_code, answer.content) == (status, b"")


async def test_a_request_for_no_file_is_404(server: Server) -> None:
    answer = await server.http.get("/view")
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_folder_is_no_file(server: Server, place: Place) -> None:
    folder, _, name = place["subfolder"].rpartition("/")
    asked: dict[str, Any] = {**place, "subfolder": folder, "filename": name}
    assert (await server.http.get("/view", params=asked)).status_code == 404


async def test_a_folder_in_the_name_is_dropped(server: Server, place: Place) -> None:
    asked = {"filename": f"{place['subfolder']}/a.mp4", "type": "input"}
    assert (await server.http.get("/view", params=asked)).status_code == 404


async def test_a_folder_may_go_up_as_long_as_it_comes_back(server: Server, place: Place) -> None:
    asked = {**place, "subfolder": f"{place['subfolder']}/../../{place['subfolder']}"}
    assert (await server.http.get("/view", params=asked)).content == CONTENT
