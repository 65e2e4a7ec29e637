"""An upload that can't be used is refused in words, and leaves nothing behind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proto.errors import ErrorCode
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_picture, make_sound
from tests.studio import Studio

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PAGE = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PLAYLIST = b"#EXTM3U\n/etc/passwd\n"
MIB = 1024 * 1024

pytestmark = pytest.mark.usefixtures("nothing_created")


def bad_files(folder: Path) -> dict[str, dict[str, bytes]]:
    """Contents by kind and name."""
    png = make_picture(folder / "whole.png").read_bytes()
    mp4 = make_clip(folder / "whole.mp4", seconds=0.5).read_bytes()
    wav = make_sound(folder / "whole.wav", seconds=0.5).read_bytes()
    pictures = {
        "page.png": PAGE,
        "page.html": PAGE,
        "drawing.svg": SVG,
        "drawing.png": SVG,
        "whole.exe": png,
        "half.png": png[: len(png) // 2],
        "head.png": PNG_HEAD,
        "empty.png": b"",
        "clip.mp4": mp4,
        "clip.png": mp4,
    }
    clips = {
        "notes.mp4": b"just some text\n" * 500,
        "half.mp4": mp4[: len(mp4) // 2],
        "empty.mp4": b"",
        "picture.mp4": png,
        "list.m3u8": PLAYLIST,
        "list.mp4": PLAYLIST,
    }
    sounds = {"archive.wav": b"PK\x03\x04" + wav, "picture.wav": png, "head.wav": wav[:30]}
    return {"image": pictures, "video": clips, "audio": sounds}


async def test_file_that_is_not_what_it_should_be_is_refused(
    studio: Studio, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for kind, files in bad_files(tmp_path).items():
        for name, content in files.items():
            with subtests.test(kind=kind, name=name):
                problem = check_refusal(await studio.try_upload(kind, content, name))
                assert (problem.code, problem.field) == (ErrorCode.INVALID_ASSET_FORMAT, "file")


async def test_clip_without_pictures_is_refused(studio: Studio, tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "song.m4a").read_bytes()
    problem = check_refusal(await studio.try_upload("video", sound, "song.mp4"))
    assert (problem.code, problem.field) == (ErrorCode.WRONG_ASSET_KIND, "file")


@pytest.mark.parametrize("chunked", [False, True])
async def test_file_over_the_limit_is_refused(studio: Studio, *, chunked: bool) -> None:
    head, tail = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n',
        b"\r\n--edge--\r\n",
    )

    async def parts() -> AsyncIterator[bytes]:
        yield head + PNG_HEAD
        for _ in range(6):
            yield b"x" * MIB
        yield tail

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    whole = head + PNG_HEAD + b"x" * 6 * MIB + tail
    response = await studio.http.post(
        "/api/assets/image", content=parts() if chunked else whole, headers=headers
    )
    problem = check_refusal(response)
    assert (problem.status, problem.code) == (413, ErrorCode.TOO_LARGE)
    assert "2 MB" in problem.message


async def test_upload_without_a_file_field_is_refused(studio: Studio) -> None:
    response = await studio.http.post("/api/assets/image", files={"picture": ("a.png", PNG_HEAD)})
    assert check_refusal(response).code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(
    "content_type", ["image/png", "multipart/form-data", "application/json", ""]
)
async def test_upload_that_is_no_form_is_refused(studio: Studio, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    response = await studio.http.post("/api/assets/image", content=PNG_HEAD, headers=headers)
    assert check_refusal(response).code is ErrorCode.INVALID_REQUEST


async def test_form_that_ends_early_is_refused(studio: Studio) -> None:
    content = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    response = await studio.http.post(
        "/api/assets/image",
        content=content + PNG_HEAD + b"x" * 9000,
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
    )
    assert check_refusal(response).code is ErrorCode.INVALID_REQUEST


async def test_kind_of_file_we_do_not_know_is_refused(studio: Studio) -> None:
    check_refusal(await studio.try_upload("document", b"%PDF-1.7", "a.pdf"))
