"""Where messages may be sent: to the public internet and to networks that were named, nowhere else.

A name is resolved once per try, every address it has is judged, and the connection goes to one of
exactly those; so a name that leads somewhere else a moment later leads nowhere.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[list[str]]]

PORTS = frozenset({443, 8443})
DEFAULT_PORTS = {"https": 443, "http": 80}
RESOLVE_S = 5.0
LONGEST_URL = 2000

NAT64 = IPv6Network("64:ff9b::/96")
# Addresses that stand for others, or lead inward though the standard library calls them global.
INWARD: Sequence[Network] = [
    ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible
        "64:ff9b:1::/48",  # NAT64 of a site's own, RFC 8215
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
        "192.0.0.0/24",  # for protocols; some clouds tell their secrets there
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # shared by a carrier's customers
    )
]


class Forbidden(Exception):
    """Nothing is sent there. Its text says why, for the webhook's owner."""


class Unresolved(Exception):
    """The host's name leads nowhere now. Its text says so, for the webhook's owner."""


@dataclass(frozen=True)
class Target:
    """A place that was judged. addresses: at least one, to connect to as they are."""

    url: httpx.URL
    host: str
    addresses: list[Address]


async def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def judge(url: str, networks: Sequence[Network], *, resolver: Resolver = resolve) -> Target:
    """Where the URL leads now. Raises Forbidden where that may not be, Unresolved."""
    target, port = _read(url)
    addresses = await _addresses(target.host, port, resolver)
    inside = all(_is_in(address, networks) for address in addresses)
    if target.scheme != "https" and not inside:
        raise Forbidden("The address has to begin with https://.")
    if port not in PORTS and not inside:
        raise Forbidden("The address has to use port 443 or 8443.")
    for address in addresses:
        if not (_is_in(address, networks) or is_public(address)):
            raise Forbidden("This address leads into a private network.")
    return Target(url=target, host=target.host, addresses=addresses)


def _read(url: str) -> tuple[httpx.URL, int]:
    if len(url) > LONGEST_URL:
        raise Forbidden(f"The address can have at most {LONGEST_URL} characters.")
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Forbidden("This is not a web address.") from error
    if target.scheme not in DEFAULT_PORTS or not target.host:
        raise Forbidden("The address has to begin with https://.")
    if target.userinfo:
        raise Forbidden("The address can't hold a user name or a password.")
    if target.fragment or url.endswith("#"):
        raise Forbidden("The address can't have a part after #.")
    return target, target.port or DEFAULT_PORTS[target.scheme]


async def _addresses(host: str, port: int, resolver: Resolver) -> list[Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise Unresolved("The host of this address can't be found.") from error
    if not found:
        raise Unresolved("The host of this address can't be found.")
    return [ip_address(text) for text in dict.fromkeys(found)]


def is_public(address: Address) -> bool:
    """Whether anybody on the internet means the same host by it."""
    meant = _meant(address)
    if any(meant in network for network in INWARD if network.version == meant.version):
        return False
    return meant.is_global and not (meant.is_multicast or meant.is_reserved)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for; any other as it is."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    meant = _meant(address)
    return any(meant in network for network in networks if network.version == meant.version)
