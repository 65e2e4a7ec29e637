"""Where a server is, and what opens it."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit


@dataclass(frozen=True)
class Address:
    """url: without credentials, and without a slash at its end. headers: let a request in."""

    url: str
    headers: Mapping[str, str]


def read_address(url: str, token: str | None) -> Address:
    """`url` may carry a path prefix, and a user with a password, which `token` replaces."""
    parts = urlsplit(url)
    headers = {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    elif parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    return Address(bare, headers)
