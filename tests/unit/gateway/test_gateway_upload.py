"""The file part of a form, read as it arrives in pieces of any size."""

from collections.abc import Iterable

import pytest
from fastapi import Request
from starlette.types import Message

from proto.errors import ErrorCode
from services.gateway.errors import ApiError
from services.gateway.upload import FORM_BYTES, HEAD_BYTES, UploadedFile, clean_name

MIB = 1024 * 1024
FORM = "multipart/form-data; boundary=edge"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    kept = f'; filename="{filename}"' if filename is not None else ""
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{kept}\r\n'
    return head.encode() + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--edge--\r\n"


def request(pieces: Iterable[bytes], content_type: str = FORM) -> Request:
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    incoming = iter(messages)

    async def receive() -> Message:
        return next(incoming)

    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


async def read(
    body: bytes, *, size: int = 4096, max_bytes: int = MIB
) -> tuple[UploadedFile, bytes]:
    """The opened file and all it holds."""
    file = UploadedFile(request(cut(body, size)), max_bytes=max_bytes)
    await file.open()
    return file, b"".join([chunk async for chunk in file.chunks()])


@pytest.mark.parametrize("size", [1, 7, 4096, MIB])
@pytest.mark.parametrize("length", [0, 1, HEAD_BYTES - 1, HEAD_BYTES + 1, 20_000])
async def test_file_is_whole_whatever_the_pieces(size: int, length: int) -> None:
    content = (b"\r\n--edg\r\n--ed\x00\xff" * 2000)[:length]
    file, whole = await read(form(part("file", content, "face.png")), size=size)
    assert whole == content
    assert (file.head, file.filename) == (content[:HEAD_BYTES], "face.png")


async def test_other_fields_are_passed_over() -> None:
    body = form(
        part("note", b"before"),
        part("file", b"no file without a name"),
        part("file", b"the one", "a.png"),
        part("file", b"another", "b.png"),
        part("note", b"after"),
    )
    file, whole = await read(body, size=5)
    assert (file.filename, whole) == ("a.png", b"the one")


@pytest.mark.parametrize("kept", [30, 200, 5_000, 10_000])
async def test_form_that_ends_early_is_refused(kept: int) -> None:
    body = form(part("file", b"x" * 10_000, "a.png"))
    with pytest.raises(ApiError) as refused:
        await read(body[:kept])
    assert refused.value.code is ErrorCode.INVALID_REQUEST


async def test_form_without_a_file_is_refused() -> None:
    for body in (form(), form(part("note", b"x")), form(part("picture", b"x", "a.png")), b""):
        with pytest.raises(ApiError, match="field named file"):
            await read(body)


@pytest.mark.parametrize(
    "content_type", ["", "image/png", "multipart/form-data", "multipart/mixed; boundary=edge"]
)
async def test_what_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(ApiError, match="multipart/form-data"):
        await UploadedFile(request([], content_type), max_bytes=MIB).open()


async def test_garbage_in_a_form_is_refused() -> None:
    with pytest.raises(ApiError) as refused:
        await read(b"this is no form at all")
    assert refused.value.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(("length", "refused"), [(1000, False), (1001, True), (50_000, True)])
async def test_file_may_be_as_large_as_the_limit(length: int, *, refused: bool) -> None:
    body = form(part("note", b"n" * 5000), part("file", b"x" * length, "a.png"))
    if not refused:
        assert (await read(body, max_bytes=1000))[1] == b"x" * length
        return
    with pytest.raises(ApiError) as error:
        await read(body, max_bytes=1000)
    assert error.value.code is ErrorCode.TOO_LARGE


async def test_form_around_the_file_is_limited_too() -> None:
    body = form(part("file", b"small", "a.png"), part("note", b"n" * 3 * FORM_BYTES))
    with pytest.raises(ApiError, match="more than one file"):
        await read(
            form(part("note", b"n" * 3 * FORM_BYTES), part("file", b"x", "a.png")), max_bytes=5
        )
    assert (await read(body, max_bytes=MIB))[1] == b"small"


async def test_rest_of_a_refused_upload_is_read() -> None:
    pieces = iter(cut(form(part("file", b"x" * 200_000, "a.png")), 4096))
    file = UploadedFile(request(pieces), max_bytes=10)
    with pytest.raises(ApiError):
        await file.open()
    await file.drain()
    assert next(pieces, None) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("face.png", "face.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\face.png", "face.png"),
        ("a/b/", "b"),
        ("", "file"),
        ("...", "..."),
        ("/", "file"),
        (" \t ", "file"),
        ("two \n lines.png", "two lines.png"),
        ("nul\x00bell\x07.png", "nulbell.png"),
        ("gnp\u202e.exe", "gnp.exe"),
        ("zero\u200bwidth.png", "zerowidth.png"),
        ("Größe 日本.png", "Größe 日本.png"),
        ("x" * 500 + ".png", "x" * 116 + ".png"),
        ("x" * 500 + "." + "y" * 500, "x" * 120),
    ],
)
def test_name_is_fit_to_show(name: str, shown: str) -> None:
    assert clean_name(name) == shown
