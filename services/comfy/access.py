"""How a ComfyUI server that stands behind an ingress lets us in."""

import base64
import re
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urlsplit

import httpx
from pydantic import (
    ConfigDict,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from proto.model import Model

TOKEN = re.compile(r"[!-~]+")
HIDDEN = "***"
ENTRIES = TypeAdapter(dict[str, Any])


class Access(Model):
    """A bearer token, or a user with a password, or neither.

    ca: the only certificates to trust; None trusts the public ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    bearer: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca: Path | None = None

    @field_validator("bearer")
    @classmethod
    def _sendable(cls, bearer: SecretStr | None) -> SecretStr | None:
        # The HTTP library quotes a header that it refuses to send.
        if bearer is not None and not TOKEN.fullmatch(bearer.get_secret_value()):
            raise ValueError("a token is printable ASCII without blanks")
        return bearer

    @field_validator("username")
    @classmethod
    def _separable(cls, username: str | None) -> str | None:
        if username is not None and ":" in username:
            raise ValueError("a user's name can't hold a colon")
        return username

    @field_validator("ca")
    @classmethod
    def _present(cls, ca: Path | None, info: ValidationInfo) -> Path | None:
        if ca is None:
            return None
        path = (info.context or Path()) / ca
        if not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")
        if self.bearer is not None and self.username is not None:
            raise ValueError("either bearer, or username and password")
        return self

    def headers(self) -> dict[str, str]:
        if self.bearer is not None:
            return {"Authorization": f"Bearer {self.bearer.get_secret_value()}"}
        if self.username is not None and self.password is not None:
            pair = f"{self.username}:{self.password.get_secret_value()}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return {}

    def hide(self, text: str) -> str:
        """`text` without our secrets, which an ingress's error page may repeat."""
        secrets = [secret.get_secret_value() for secret in (self.bearer, self.password) if secret]
        sent = [value.partition(" ")[2] for value in self.headers().values()]
        for secret in filter(None, sent + secrets):
            text = text.replace(secret, HIDDEN)
        return text

    def tls(self) -> ssl.SSLContext:
        """Raises ValueError when `ca` holds no certificates."""
        return _tls(self.ca)


# One holds all public certificates, about half a megabyte, and there can be hundreds of servers.
@lru_cache(maxsize=32)
def _tls(ca: Path | None) -> ssl.SSLContext:
    if ca is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ValueError(f"{ca}: not a bundle of CA certificates") from error


def access_for(url: str, given: Access | None) -> Access:
    """`given`, with the user and password of `url` when it brings none itself."""
    access = Access() if given is None else given
    parts = _split(url)
    if access.headers() or parts.username is None:
        return access
    username, password = unquote(parts.username), unquote(parts.password or "")
    return Access(username=username, password=SecretStr(password), ca=access.ca)


def bare_url(url: str) -> str:
    """`url` as it may be shown: without a user, a password and a slash at its end."""
    parts = _split(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        valid = parts.port is None or parts.port > 0
    except ValueError:
        valid = False
    # A slash or # in a password that isn't escaped ends the host there, and the rest of it
    # would pass for a path.
    if not valid or "@" in parts.path or parts.query or parts.fragment:
        raise ValueError(
            "a ComfyUI server's URL is scheme, host, port and path; in a user or password before"
            " the host, anything but letters and digits is percent-encoded"
        )
    return parts


def read_access(path: Path) -> dict[str, Access]:
    """Access by bare URL, from a JSON file.

    The file: {url: {"bearer": …} | {"username": …, "password": …} and/or {"ca": path}}, a relative
    path beginning at the file's own folder. Raises ValueError, with no secret in its text.
    """
    return {_key(path, url): _entry(path, url, entry) for url, entry in _object(path).items()}


def _object(path: Path) -> dict[str, Any]:
    try:
        return ENTRIES.validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise ValueError(f"{path}: {_faults(error)}") from None


def _key(path: Path, url: str) -> str:
    try:
        bare = bare_url(url)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if bare != url.rstrip("/"):
        raise ValueError(f"{path}: {bare} is named with a user; its credentials belong inside")
    return bare


def _entry(path: Path, url: str, entry: Any) -> Access:
    try:
        return Access.model_validate(entry, context=path.parent)
    except ValidationError as error:
        raise ValueError(f"{path}: {url}: {_faults(error)}") from None


def _faults(error: ValidationError) -> str:
    """What is wrong with the file, without the parts of it that the library's own text quotes."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    places = [".".join(map(str, fault["loc"])) for fault in faults]
    return "; ".join(
        f"{place}: {fault['msg']}".removeprefix(": ")
        for place, fault in zip(places, faults, strict=True)
    )
