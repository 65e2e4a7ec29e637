"""The ways in for production, with the files of deploy/ and a certificate of our own."""

import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.local.child import Child, program, tethered
from services.local.layout import HOST, ROOT, Layout
from services.local.ready import listens
from tests.conftest import free_port
from tests.processes import until_ready

STUDIO, API = "animatrix.example", "api.animatrix.example"
DEPLOY = ROOT / "deploy"
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
class Doors:
    """One way in: where it listens, its folder, and its authority's certificate."""

    name: str
    port: int
    folder: Path
    child: Child

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def url(self, host: str = STUDIO) -> str:
        return f"https://{host}:{self.port}"

    def client(self) -> httpx.AsyncClient:
        """Resolves our names to this machine, and trusts the authority."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        return httpx.AsyncClient(transport=_ToUs(self.port, trust), timeout=60)

    def curl(self, *words: str, host: str = STUDIO) -> "subprocess.CompletedProcess[str]":
        resolved = f"{host}:{self.port}:{HOST}"
        command = ["curl", "-sS", "--cacert", str(self.authority), "--resolve", resolved, *words]
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
async def opened(name: str, layout: Layout, folder: Path) -> AsyncIterator[Doors]:
    """name: nginx or caddy; before the stack's gateway and object store."""
    folder.mkdir()
    _certify(folder)
    port = free_port()
    child = STARTERS[name](layout, folder, port)
    child.spawn()
    try:
        await until_ready(child)
        yield Doors(name, port, folder, child)
    finally:
        child.stop(time.monotonic() + 5)


def _caddy(layout: Layout, folder: Path, port: int) -> Child:
    config = DEPLOY / "caddy" / "Caddyfile"
    tls = f"{folder}/cert.pem {folder}/key.pem"
    settings = {
        "INGRESS_HTTP": str(free_port()),
        "INGRESS_HTTPS": str(port),
        "INGRESS_TLS": tls,
        "INGRESS_SITE": f"https://{STUDIO}:{port}",
        "INGRESS_API_SITE": f"https://{API}:{port}",
        "INGRESS_GATEWAY": f"{HOST}:{layout.ports['gateway']}",
        "INGRESS_STORE": f"http://{HOST}:{layout.ports['s3']}",
        "INGRESS_STORE_HOST": f"{HOST}:{layout.ports['s3']}",
        "INGRESS_FILES": str(ROOT),
        "INGRESS_MAX_UPLOAD_BYTES": str(40 * 1024 * 1024),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    return Child(
        "caddy",
        tethered(program("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)),
        ready=listens(port),
        log=folder / "caddy.log",
        env=settings,
    )


def nginx_files(layout: Layout, folder: Path, port: int) -> Path:
    """The files of deploy/nginx with this machine's addresses in place of the examples'."""
    own = folder / "animatrix"
    shutil.copytree(DEPLOY / "nginx", own)
    changes = {
        "listen 80;": f"listen {HOST}:{free_port()};",
        "listen 443 ": f"listen {HOST}:{port} ",
        "127.0.0.1:8000": f"{HOST}:{layout.ports['gateway']}",
        "127.0.0.1:8333": f"{HOST}:{layout.ports['s3']}",
        "store.animatrix.example": f"{HOST}:{layout.ports['s3']}",
        "/etc/animatrix/tls/fullchain.pem": f"{folder}/cert.pem",
        "/etc/animatrix/tls/privkey.pem": f"{folder}/key.pem",
        "/srv/animatrix/": f"{ROOT}/",
        "/var/cache/animatrix": f"{folder}/cache",
        "/var/log/nginx/": f"{folder}/",
        "client_max_body_size 1025m": "client_max_body_size 40m",
        "$host;": f"$host:{port};",
    }
    for path in own.iterdir():
        text = path.read_text(encoding="utf-8")
        for old, new in changes.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    (own / "animatrix.conf").replace(folder / "animatrix.conf")
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder), encoding="utf-8")
    return config


def _nginx(layout: Layout, folder: Path, port: int) -> Child:
    config = nginx_files(layout, folder, port)
    return Child(
        "nginx",
        tethered(nginx_program(), "-p", str(folder), "-c", str(config)),
        ready=listens(port),
        log=folder / "nginx.log",
    )


def nginx_program() -> str:
    """Raises LookupError where it is not installed."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        raise LookupError("nginx is not installed")
    return found


STARTERS: dict[str, Callable[[Layout, Path, int], Child]] = {"nginx": _nginx, "caddy": _caddy}


def _certify(folder: Path) -> None:
    """An authority for a day, and a certificate for both hosts."""
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
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in (STUDIO, API)])
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
