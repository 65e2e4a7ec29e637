"""Where a request comes from, and whether it only reads."""

from ipaddress import ip_address
from typing import Final

from starlette.requests import Request

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def address_of(request: Request) -> str | None:
    """The caller's IP address, as the ingress tells it."""
    return request.client.host if request.client else None


def is_local(request: Request) -> bool:
    """Whether the caller is on the machine itself."""
    address = address_of(request)
    return address is not None and is_loopback(address)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
