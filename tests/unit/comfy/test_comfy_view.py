from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.unit.comfy.comfy_factory import served

CONTENT = b"0123456789" * 10


@pytest.mark.parametrize(
    ("wanted", "status", "content_range"),
    [
        ("bytes=0-9", 206, "bytes 0-9/100"),
        ("bytes=90-", 206, "bytes 90-99/100"),
        ("bytes=-10", 206, "bytes 90-99/100"),
        ("bytes=95-999", 206, "bytes 95-99/100"),
        ("bytes=500-", 416, "bytes */100"),
        ("bytes=0-1,5-6", 416, "bytes */100"),
        ("bytes=abc", 416, "bytes */100"),
    ],
)
async def test_range(tmp_path: Path, wanted: str, status: int, content_range: str) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "output" / "a.mp4").write_bytes(CONTENT)
        answer = await bench.comfy.http.get("/view?filename=a.mp4", headers={"Range": wanted})
        assert (answer.status_code, answer.headers["Content-Range"]) == (status, content_range)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("?filename=", 400),
        ("?filename=gone.mp4", 404),
        ("?filename=/etc/passwd", 400),
        ("?filename=../input/a.mp4", 400),
        ("?filename=a.mp4&type=bogus", 400),
        ("?filename=a.mp4&type=", 400),
        ("?filename=a.mp4&subfolder=../input", 403),
        ("?filename=a.mp4&subfolder=gone", 404),
    ],
)
async def test_refusal_is_empty(tmp_path: Path, query: str, status: int) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "output" / "a.mp4").write_bytes(CONTENT)
        answer = await bench.comfy.http.get(f"/view{query}")
        assert (answer.status_code, answer.content) == (status, b"")


async def test_head_and_known_version_send_no_body(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "output" / "a.mp4").write_bytes(CONTENT)
        head = await bench.comfy.http.head("/view?filename=a.mp4")
        assert (head.headers["Content-Length"], head.headers["Content-Type"]) == (
            "100",
            "video/mp4",
        )
        known = {"If-None-Match": head.headers["ETag"]}
        again = await bench.comfy.http.get("/view?filename=a.mp4", headers=known)
        assert (again.status_code, again.content) == (304, b"")


async def test_folder_in_the_name_is_dropped(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "output" / "a.mp4").write_bytes(CONTENT)
        answer = await bench.comfy.http.get("/view?filename=sub/a.mp4")
        assert answer.content == CONTENT


async def test_annotated_name_decides_the_folder(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "input" / "a.png").write_bytes(b"in")
        answer = await bench.comfy.http.get("/view?filename=a.png [input]&type=output")
        assert answer.content == b"in"


@pytest.mark.parametrize(
    ("query", "shown", "mode"),
    [
        ("preview=jpeg;50", "JPEG", "RGB"),
        ("preview=webp", "WEBP", "RGBA"),
        ("preview=bmp", "WEBP", "RGBA"),
        ("channel=rgb", "PNG", "RGB"),
        ("channel=a", "PNG", "RGBA"),
        ("channel=other", "PNG", "RGBA"),
    ],
)
async def test_picture_can_be_asked_for_in_another_form(
    tmp_path: Path, query: str, shown: str, mode: str
) -> None:
    async with served(tmp_path) as bench:
        Image.new("RGBA", (8, 6), (9, 9, 9, 128)).save(tmp_path / "output" / "a.png")
        answer = await bench.comfy.http.get(f"/view?filename=a.png&{query}")
        picture = Image.open(BytesIO(answer.content))
        assert (picture.format, picture.mode, picture.size) == (shown, mode, (8, 6))


@pytest.mark.parametrize("query", ["preview=webp", "channel=rgb", "channel=a"])
async def test_what_is_no_picture_has_no_other_form(tmp_path: Path, query: str) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "output" / "a.mp4").write_bytes(CONTENT)
        answer = await bench.comfy.http.get(f"/view?filename=a.mp4&{query}")
        assert answer.status_code == 500


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.latent", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
        ("a.js", "application/javascript; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.webm", "video/webm"),
    ],
)
async def test_type_goes_by_the_name(tmp_path: Path, name: str, content_type: str) -> None:
    async with served(tmp_path) as bench:
        (tmp_path / "output" / name).write_bytes(CONTENT)
        answer = await bench.comfy.http.get(f"/view?filename={name}")
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["Content-Disposition"] == f'filename="{name}"'
