"""Bodies that are no form at all: not JSON, not UTF-8, endless, doubled, of another type."""

import re
from collections.abc import Iterator
from typing import Any

import httpx

from tests.fuzz.tally import Tally

JSON = "application/json"
DEEP = 5_000
ODD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", JSON),
    "no JSON": (b"{", JSON),
    "bad UTF-8": (b'{"prompt": "\xff\xfe"}', JSON),
    "a lone surrogate": (rb'{"prompt": "\ud800", "reason": "\ud800", "name": "\ud800"}', JSON),
    "NUL": (rb'{"prompt": "\u0000", "reason": "a\u0000b", "name": "\u0000"}', JSON),
    "NaN": (b'{"seed": NaN, "duration_override_seconds": Infinity, "days": NaN}', JSON),
    "a huge number": (b'{"seed": 1' + b"0" * 400 + b', "days": 1e999}', JSON),
    "more digits than Python reads": (b'{"seed": ' + b"9" * 5_000 + b"}", JSON),
    "a name twice": (b'{"reason": "one", "reason": 2, "prompt": "a", "prompt": null}', JSON),
    "a list": (b"[]", JSON),
    "null": (b"null", JSON),
    "depth": (b"[" * DEEP + b"]" * DEEP, JSON),
    "an overlong text": (b'{"prompt": "' + b"a" * 500_000 + b'"}', JSON),
    "plain text": (b"{}", "text/plain"),
    "a form": (b"reason=abc", "application/x-www-form-urlencoded"),
    "multipart without a boundary": (b"--x", "multipart/form-data"),
    "an unknown charset": (b"{}", "application/json; charset=klingon"),
}
PARAMETER = re.compile(r"{[^}]+}")


def ask_oddly(http: httpx.Client, document: dict[str, Any], tally: Tally) -> None:
    """Every operation with a body, with each of ODD, sent whole and in chunks."""
    for method, path, operation in _with_bodies(document):
        address = PARAMETER.sub("0", path)
        for what, (body, kind) in ODD.items():
            for content in (body, iter([body[:1], body[1:]])):
                answer = http.request(
                    method, address, content=content, headers={"Content-Type": kind}
                )
                tally.answered(answer.status_code)
                wrong = _wrong(answer, operation)
                if wrong is not None:
                    found = f"{method} {path} with {what}: {wrong}"
                    tally.found(found, answer.text[:300], server_error=answer.is_server_error)


def _with_bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                yield method.upper(), path, operation


def _wrong(answer: httpx.Response, operation: dict[str, Any]) -> str | None:
    documented = operation["responses"].get(str(answer.status_code))
    if documented is None:
        return f"undocumented status {answer.status_code}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind not in documented.get("content", {"": None}):
        return f"undocumented type {kind} of {answer.status_code}"
    return None
