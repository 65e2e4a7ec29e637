import asyncio
import re
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from services.webhooks.sending import Sender
from services.webhooks.signing import new_secret, sealer, signed_headers
from tests.receiver import OK, Answer, answer, hangs_up, receiving

LOOPBACK = [ip_network("127.0.0.0/8")]
BODY = '{"type":"webhook.test"}'


async def drips(writer: asyncio.StreamWriter) -> None:
    """A success whose body never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nslow")
    await writer.drain()
    await asyncio.sleep(3600)


async def names(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_message_arrives_as_it_was_signed() -> None:
    secret, old = new_secret(), new_secret()
    headers = signed_headers([secret, old], "msg_1", BODY, datetime.now(UTC))
    async with receiving() as receiver:
        sent = await Sender(LOOPBACK).send(receiver.url, headers, BODY)
    assert sent.delivered
    [got] = receiver.got
    for known in (secret, old):
        assert Webhook(known).verify(got.body, got.headers) == {"type": "webhook.test"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(got.body, got.headers)


async def test_name_stays_in_the_host_header() -> None:
    async with receiving() as receiver:
        url = f"http://hook.example:{receiver.port}/in?key=1"
        await Sender(LOOPBACK, resolver=names).send(url, {}, BODY)
    [got] = receiver.got
    assert got.headers["host"] == f"hook.example:{receiver.port}"
    assert got.path == "/in?key=1"


async def test_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that leads inward from the second time on is never asked for a second time."""
    asked: list[str] = []

    async def rebinds(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    async with receiving() as receiver:
        url = f"http://hook.example:{receiver.port}/in"
        sent = await Sender([ip_network("127.0.0.1/32")], resolver=rebinds).send(url, {}, BODY)
        again = await Sender([ip_network("127.0.0.1/32")], resolver=rebinds).send(url, {}, BODY)
    assert sent.delivered
    assert not again.delivered
    assert asked == ["hook.example"] * 2
    assert len(receiver.got) == 1


@pytest.mark.parametrize(("host", "taken"), [("hook.example", True), ("other.example", False)])
async def test_certificate_is_checked_by_the_name(
    tmp_path: Path, host: str, *, taken: bool
) -> None:
    server, client = certified("hook.example", tmp_path)
    async with receiving(tls=server) as receiver:
        url = f"https://{host}:{receiver.port}/in"
        sent = await Sender(LOOPBACK, resolver=names, tls=client).send(url, {}, BODY)
    assert sent.delivered == taken
    assert len(receiver.got) == int(taken)


def certified(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server of this name, and for a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


async def test_redirect_is_a_failure_and_not_followed() -> None:
    async with receiving() as inner:
        away = answer(307, f"Location: {inner.url}")
        async with receiving(away) as receiver:
            sent = await Sender(LOOPBACK).send(receiver.url, {}, BODY)
    assert sent.status == 307
    assert sent.error is not None
    assert "don't follow" in sent.error
    assert inner.got == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(500), "answered 500"),
        (b"garbage, no HTTP at all\r\n\r\n", "not HTTP"),
        (hangs_up, "broke|cut off"),
    ],
    ids=["500", "garbage", "hang-up"],
)
async def test_failure_is_told_in_words(said: Answer, words: str) -> None:
    async with receiving(said) as receiver:
        sent = await Sender(LOOPBACK).send(receiver.url, {}, BODY)
    assert not sent.delivered
    assert re.search(words, str(sent.error))


async def test_nobody_at_home_is_told_in_words() -> None:
    async with receiving() as receiver:
        url = receiver.url
    sent = await Sender(LOOPBACK).send(url, {}, BODY)
    assert "No connection" in str(sent.error)


async def test_body_that_never_ends_is_not_waited_for() -> None:
    async with receiving(drips) as receiver:
        sent = await Sender(LOOPBACK).send(receiver.url, {}, BODY)
    assert sent.delivered


async def test_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(OK) as receiver, receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        sent = await Sender(LOOPBACK).send(receiver.url, {}, BODY)
    assert sent.delivered
    assert proxy.got == []


def _seconds() -> str:
    return "120"


def _date() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize("asked", [_seconds, _date])
async def test_receiver_may_ask_for_time(asked: Callable[[], str]) -> None:
    async with receiving(answer(429, f"Retry-After: {asked()}")) as receiver:
        sent = await Sender(LOOPBACK).send(receiver.url, {}, BODY)
    assert sent.retry_after_s is not None
    assert sent.retry_after_s > 60


def test_kept_secret_is_read_by_the_same_key_only() -> None:
    secret = new_secret()
    kept = sealer("k" * 32).encrypt(secret.encode())
    assert secret.encode() not in kept
    assert sealer("k" * 32).decrypt(kept).decode() == secret
    with pytest.raises(InvalidToken):
        sealer("x" * 32).decrypt(kept)
