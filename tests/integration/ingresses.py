"""The ways in for production, with the files of deploy/ and a certificate of our own."""

import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.local.child import Child, program, tethered
from services.local.layout import HOST, ROOT, Layout
from services.local.ready import listens
from tests.conftest import free_port
from tests.processes import gateway, running

STUDIO, API = "animatrix.example", "api.animatrix.example"
DEPLOY = ROOT / "deploy"
CADDYFILE = DEPLOY / "caddy" / "Caddyfile"
MIB = 1024 * 1024
MAX_AUDIO_BYTES = 40 * MIB
MAX_UPLOAD_BYTES = MAX_AUDIO_BYTES + MIB
NGINX = """\
daemon off;
error_log stderr warn;
pid {folder}/nginx.pid;
worker_processes 1;
user root;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/animatrix.conf;
}}
"""


@dataclass(frozen=True)
class Place:
    """Where a way in is, and what it leads to. folder: for its files; store: an origin."""

    folder: Path
    store: str
    bucket: str = "media"
    http: int = field(default_factory=free_port)
    https: int = field(default_factory=free_port)
    gateway: int = field(default_factory=free_port)


@dataclass(frozen=True)
class Doors:
    """One way in that is open. server: nginx or caddy."""

    server: str
    place: Place

    @property
    def authority(self) -> Path:
        return self.place.folder / "ca.pem"

    def url(self, host: str = STUDIO) -> str:
        return f"https://{host}:{self.place.https}"

    def client(self) -> httpx.AsyncClient:
        """Resolves our names to this machine, and trusts the authority."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        # Each name has connections of its own, as it is said when one is made.
        mounts = {f"https://{host}": _ToUs(self.place.https, trust) for host in (STUDIO, API)}
        return httpx.AsyncClient(mounts=mounts, timeout=60)

    @property
    def options(self) -> list[str]:
        """Of curl, for each of its addresses."""
        to_us = (f":{port}:{HOST}:{port}" for port in (self.place.http, self.place.https))
        return [
            *("-sS", "--cacert", str(self.authority)),
            *(word for place in to_us for word in ("--connect-to", place)),
        ]

    def curl(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = ["curl", *self.options, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


class _ToUs(httpx.AsyncHTTPTransport):
    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust)
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host=HOST, port=self._port)
        return await super().handle_async_request(request)


@asynccontextmanager
async def opened(server: str, layout: Layout, folder: Path) -> AsyncIterator[Doors]:
    """With a gateway of its own, which knows the names, before the stack's stores."""
    folder.mkdir()
    place = Place(folder, f"http://{HOST}:{layout.ports['s3']}")
    behind = gateway(
        layout,
        place.gateway,
        folder,
        ANIMATRIX_PUBLIC_URL=f"https://{STUDIO}:{place.https}",
        ANIMATRIX_API_URL=f"https://{API}:{place.https}",
        ANIMATRIX_MAX_AUDIO_BYTES=str(MAX_AUDIO_BYTES),
    )
    async with running(behind, way_in(server, place)):
        yield Doors(server, place)


def way_in(server: str, place: Place) -> Child:
    certify(place.folder)
    return caddy(place) if server == "caddy" else _nginx(place)


STORE_BY_TLS = """\
{{
	admin off
	auto_https off
	default_bind {host}
	storage file_system "{folder}/store"
}}

https://localhost:{port} {{
	tls {folder}/cert.pem {folder}/key.pem
	reverse_proxy {host}:{s3} {{
		header_up -X-Forwarded-*
	}}
}}
"""


def store_by_tls(layout: Layout, folder: Path, port: int) -> Child:
    """The stack's object store at https://localhost, as others have theirs."""
    config = folder / "store.caddy"
    text = STORE_BY_TLS.format(host=HOST, folder=folder, port=port, s3=layout.ports["s3"])
    config.write_text(text, encoding="utf-8")
    return Child(
        "object store by TLS",
        tethered(program("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)),
        ready=listens(port),
        log=folder / "store.log",
    )


def caddy(place: Place, **settings: str) -> Child:
    """settings: other than those of one that ends TLS itself."""
    return Child(
        "caddy",
        tethered(program("caddy"), "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)),
        ready=listens(place.http),
        log=place.folder / "caddy.log",
        env={
            "INGRESS_BIND": HOST,
            "INGRESS_HTTP": str(place.http),
            "INGRESS_HTTPS": str(place.https),
            "INGRESS_TLS": f"{place.folder}/cert.pem {place.folder}/key.pem",
            "INGRESS_SITE": f"https://{STUDIO}",
            "INGRESS_API_SITE": f"https://{API}",
            "INGRESS_GATEWAY": f"{HOST}:{place.gateway}",
            "INGRESS_STORE": place.store,
            "INGRESS_STORE_HOST": urlsplit(place.store).netloc,
            "INGRESS_BUCKET": place.bucket,
            "INGRESS_FILES": str(ROOT),
            "INGRESS_MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
            "SSL_CERT_FILE": str(place.folder / "ca.pem"),
            "XDG_DATA_HOME": str(place.folder),
            "XDG_CONFIG_HOME": str(place.folder),
            **settings,
        },
    )


def nginx_config(place: Place) -> Path:
    """deploy/nginx as it is installed, with this machine's places in place of the examples'."""
    folder, store = place.folder, urlsplit(place.store)
    own = folder / "animatrix"
    shutil.copytree(DEPLOY / "nginx", own)
    text = (own / "animatrix.conf").read_text(encoding="utf-8")
    for old, new in {
        "    listen [::]:443 ssl http2;\n": "",
        "    listen [::]:443 ssl http2 default_server;\n": "",
        "    listen [::]:80;\n": "",
        "listen 80;": f"listen {HOST}:{place.http};",
        "listen 443 ": f"listen {HOST}:{place.https} ",
        "127.0.0.1:8000": f"{HOST}:{place.gateway}",
        "127.0.0.1:8333": store.netloc,
        "{ default http; }": f"{{ default {store.scheme}; }}",
        "store.animatrix.example": store.netloc,
        "{ default media; }": f"{{ default {place.bucket}; }}",
        "/etc/animatrix/tls/fullchain.pem": f"{folder}/cert.pem",
        "/etc/animatrix/tls/privkey.pem": f"{folder}/key.pem",
        "/etc/ssl/certs/ca-certificates.crt": f"{folder}/ca.pem",
        "/srv/animatrix/": f"{ROOT}/",
        "/var/cache/animatrix": f"{folder}/cache",
        "/var/log/nginx/": f"{folder}/",
        "client_max_body_size 1025m": f"client_max_body_size {MAX_UPLOAD_BYTES}",
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "animatrix.conf").write_text(text, encoding="utf-8")
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder), encoding="utf-8")
    return config


def _nginx(place: Place) -> Child:
    config = nginx_config(place)
    return Child(
        "nginx",
        tethered(nginx_program(), "-p", str(place.folder), "-c", str(config)),
        ready=listens(place.https),
        log=place.folder / "nginx.log",
    )


def nginx_program() -> str:
    """Skips the test where it is missing on somebody's own machine."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and "CI" not in os.environ:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx)")
    assert found is not None, "nginx is not installed"
    return found


def certify(folder: Path) -> None:
    """An authority for a day, and a certificate for both hosts and localhost."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    _write(folder / "ca.pem", _signed(issuer, issuer, ca_key, ca_key, is_authority=True))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, STUDIO)])
    _write(folder / "cert.pem", _signed(subject, issuer, key, ca_key, is_authority=False))
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key.pem").write_bytes(secret)


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in (STUDIO, API, "localhost")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(by, hashes.SHA256())
    )


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
