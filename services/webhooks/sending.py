"""Sends a message once, to where its address leads now."""

import asyncio
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from services.webhooks.address import (
    Address,
    Forbidden,
    Network,
    Resolver,
    Target,
    Unresolved,
    judge,
    resolve,
)

TOTAL_S = 15.0
CONNECT_S = 5.0
OURS = {
    "content-type": "application/json",
    "user-agent": "Animatrix-Webhooks",
    "accept-encoding": "identity",
}
SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Answer:
    """How a try went. status None: no answer came, and error says why.

    retry_after_s: how long the receiver asks to be left alone.
    """

    took_ms: int
    status: int | None = None
    error: str | None = None
    retry_after_s: float | None = None

    @property
    def delivered(self) -> bool:
        return self.error is None


class Sender:
    """Sends to the internet and to the networks that were named.

    resolver: of names, by default the system's. tls: whose certificates are trusted.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        *,
        resolver: Resolver = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._networks = networks
        self._resolver = resolver
        # The proxies and certificates that the environment names are not for strangers' addresses.
        self._tls = tls or httpx.create_ssl_context(trust_env=False)

    async def send(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """Post it. What the receiver says besides its status is not read."""
        began = time.monotonic()
        status, retry_after, error = None, None, None
        try:
            async with asyncio.timeout(TOTAL_S):
                target = await judge(url, self._networks, resolver=self._resolver)
                status, retry_after = await self._post(target, headers, body)
        except (Forbidden, Unresolved) as refusal:
            error = str(refusal)
        except (TimeoutError, httpx.TimeoutException):
            error = f"No answer came within {TOTAL_S:.0f} seconds."
        except httpx.RemoteProtocolError:
            error = "The receiver's answer was not HTTP, or was cut off."
        except httpx.ConnectError:
            error = "No connection could be made, or its certificate is not valid."
        except httpx.TransportError:
            error = "The connection broke."
        took_ms = round((time.monotonic() - began) * 1000)
        if status is not None:
            error = _refusal(status)
        return Answer(took_ms, status, error, _seconds(retry_after))

    async def _post(
        self, target: Target, headers: Mapping[str, str], body: str
    ) -> tuple[int, str | None]:
        """The status and the Retry-After. The first address that lets us connect is taken."""
        *others, last = target.addresses
        for address in others:
            try:
                return await self._post_at(address, target, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._post_at(last, target, headers, body)

    async def _post_at(
        self, address: Address, target: Target, headers: Mapping[str, str], body: str
    ) -> tuple[int, str | None]:
        # The host's name stays in the Host header and in what the certificate is checked by.
        host = target.url.netloc.decode("ascii")
        async with (
            httpx.AsyncClient(
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
            ) as client,
            client.stream(
                "POST",
                target.url.copy_with(host=str(address)),
                content=body.encode(),
                headers={**OURS, **headers, "host": host},
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            return response.status_code, response.headers.get("retry-after")


def _refusal(status: int) -> str | None:
    """Why an answer is no success; None where it is one."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"The receiver answered {status}: it sends us elsewhere, where we don't follow."
    return f"The receiver answered {status}."


def _seconds(retry_after: str | None) -> float | None:
    """A Retry-After, RFC 9110 10.2.3, from now; None where there is none to understand."""
    if retry_after is None:
        return None
    if SECONDS.fullmatch(retry_after):
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
