"""Temporal behind TLS: its dev server speaks none, so Caddy stands before it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from services.local.child import program
from services.local.layout import HOST
from services.settings import Settings
from temporal.client import SearchAttributesMissing, connect, keep_search_attributes, tls_of
from temporal.queues import SEARCH_ATTRIBUTES
from tests.conftest import free_port
from tests.integration.dev_server import temporal_server
from tests.studio import eventually

# Caddy asks for a certificate by the name that is asked for, which an address is not.
NAME = "localhost"
API_KEY = "key-of-the-test"

SITE = """\
{{
	admin off
	persist_config off
	auto_https off
	servers {{
		protocols h1 h2
	}}
	storage file_system "{folder}/caddy"
	default_bind {host}
}}
(upstream) {{
	reverse_proxy h2c://{upstream}
}}
https://{name}:{plain} {{
	tls "{folder}/server.pem" "{folder}/server.key"
	import upstream
}}
https://{name}:{mutual} {{
	tls "{folder}/server.pem" "{folder}/server.key" {{
		client_auth {{
			mode require_and_verify
			trust_pool file "{folder}/ca.pem"
		}}
	}}
	import upstream
}}
https://{name}:{keyed} {{
	tls "{folder}/server.pem" "{folder}/server.key"
	@keyed header Authorization "Bearer {api_key}"
	handle @keyed {{
		import upstream
	}}
	handle {{
		respond 403
	}}
}}
https://{name}:{ruled} {{
	tls "{folder}/server.pem" "{folder}/server.key"
	@refused path *.OperatorService/AddSearchAttributes
	handle @refused {{
		header Content-Type application/grpc
		header Grpc-Status 7
		respond 200
	}}
	handle {{
		import upstream
	}}
}}
"""


@dataclass(frozen=True)
class Door:
    """The ports that lead to one Temporal server, and the folder of the certificates.

    plain: for whom trusts the CA. mutual: with a certificate of it besides. keyed: with an API key.
    ruled: where search attributes may be seen and not created.
    """

    folder: Path
    upstream: str
    plain: int
    mutual: int
    keyed: int
    ruled: int

    def settings(self, port: int, **changes: object) -> Settings:
        required = {
            "database_url": "postgresql://nobody@localhost/none",
            "s3_endpoint": "http://localhost",
            "s3_access_key": "none",
            "s3_secret_key": "none",
            "secret_key": "x" * 32,
        }
        address = f"{NAME}:{port}"
        return Settings.model_validate(required | {"temporal_address": address} | changes)

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def client_files(self) -> dict[str, Path]:
        folder = self.folder
        return {"temporal_cert": folder / "client.pem", "temporal_key": folder / "client.key"}


class Authority:
    """A CA of the test's own; writes what it issues as PEM files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA of the test")])
        own = self._draft(self._name, self._key.public_key())
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        self._write("ca", own.add_extension(constraints, critical=True))

    def issue(self, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName(NAME)])
        drafted = self._draft(subject, key.public_key()).add_extension(names, critical=False)
        self._write(name, drafted)
        (self._folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def _draft(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
        )

    def _write(self, name: str, drafted: x509.CertificateBuilder) -> None:
        signed = drafted.sign(self._key, hashes.SHA256())
        pem = signed.public_bytes(serialization.Encoding.PEM)
        (self._folder / f"{name}.pem").write_bytes(pem)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    authority.issue("server")
    authority.issue("client")
    async with temporal_server() as upstream:
        door = Door(folder, upstream, *(free_port() for _ in range(4)))
        site = folder / "Caddyfile"
        site.write_text(
            SITE.format(host=HOST, name=NAME, api_key=API_KEY, **vars(door)), encoding="utf-8"
        )
        command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(site)]
        with (folder / "caddy.log").open("wb") as said:
            caddy = await asyncio.to_thread(subprocess.Popen, command, stdout=said, stderr=said)
        try:
            await eventually(lambda: listens(door.ruled))
            yield door
        finally:
            caddy.terminate()
            await asyncio.to_thread(caddy.wait)


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def answers(settings: Settings) -> bool:
    client = await connect(settings, identity="test")
    return await client.service_client.check_health()


async def test_a_ca_of_ones_own_is_trusted(door: Door) -> None:
    assert await answers(door.settings(door.plain, temporal_ca=door.ca))


async def test_a_server_of_an_unknown_ca_is_not(door: Door) -> None:
    with pytest.raises(RuntimeError, match=r"UnknownIssuer|certificate"):
        await answers(door.settings(door.plain, temporal_tls=True))


async def test_a_server_with_tls_is_not_reached_without(door: Door) -> None:
    with pytest.raises(RuntimeError):
        await answers(door.settings(door.plain))


async def test_a_certificate_is_shown_where_one_is_required(door: Door) -> None:
    shown = door.settings(door.mutual, temporal_ca=door.ca, **door.client_files)
    assert await answers(shown)
    with pytest.raises(RuntimeError):
        await answers(door.settings(door.mutual, temporal_ca=door.ca))


async def test_an_api_key_goes_with_every_call(door: Door) -> None:
    keyed = door.settings(door.keyed, temporal_ca=door.ca, temporal_api_key=API_KEY)
    assert await answers(keyed)
    with pytest.raises(RuntimeError):
        await answers(door.settings(door.keyed, temporal_ca=door.ca))


def test_an_api_key_is_never_sent_in_the_open(door: Door) -> None:
    assert tls_of(door.settings(door.plain, temporal_api_key=API_KEY))
    assert tls_of(door.settings(door.plain)) is False


def test_a_certificate_without_its_key_is_refused(door: Door) -> None:
    with pytest.raises(ValueError, match="need each other"):
        tls_of(door.settings(door.plain, temporal_cert=door.ca))


async def test_search_attributes_are_there_after_any_number_of_workers(door: Door) -> None:
    client = await connect(door.settings(door.plain, temporal_ca=door.ca), identity="test")
    await asyncio.gather(*(keep_search_attributes(client) for _ in range(3)))
    await keep_search_attributes(client)
    assert await attributes_of(client) >= {key.name for key in SEARCH_ATTRIBUTES}


async def test_who_may_not_create_search_attributes_is_told_which_to_create(door: Door) -> None:
    command = [program("temporal"), "operator", "namespace", "create", "--namespace", "ruled"]
    place = ["--address", door.upstream]
    await asyncio.to_thread(subprocess.run, [*command, *place], check=True, capture_output=True)
    ruled = door.settings(door.ruled, temporal_ca=door.ca, temporal_namespace="ruled")
    client = await connect(ruled, identity="test")
    with pytest.raises(
        SearchAttributesMissing, match=r"JobId \(Keyword\).*PromptIds \(KeywordList\)"
    ):
        await keep_search_attributes(client)


async def attributes_of(client: Client) -> set[str]:
    listing = ListSearchAttributesRequest(namespace=client.namespace)
    return set((await client.operator_service.list_search_attributes(listing)).custom_attributes)
