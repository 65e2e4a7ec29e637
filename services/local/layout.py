"""Where the embedded stack lives: ports, folders, secrets."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
MAX_STAND_INS = 8
STAND_INS = ("comfy", *(f"comfy_{number}" for number in range(2, MAX_STAND_INS + 1)))
"""The listeners of the stand-ins, in order."""
SERVICES = ("gateway", "workflows", "media", "comfy", "gpu")
"""Ours, each with a port for its metrics."""


@dataclass(frozen=True)
class Ports:
    """One port for each listener, counted up from the base."""

    NAMES: ClassVar = (
        *("http", "https", "gateway", "temporal", "temporal_ui", "temporal_metrics"),
        *("postgres", "s3", "s3_grpc", "s3_master", "s3_master_grpc", "s3_volume"),
        *("s3_volume_grpc", "s3_filer", "s3_filer_grpc", "s3_admin", "s3_admin_grpc", *STAND_INS),
        *(f"{service}_metrics" for service in SERVICES),
    )

    base: int

    def __getitem__(self, name: str) -> int:
        return self.base + self.NAMES.index(name)

    def all(self) -> dict[str, int]:
        return {name: self[name] for name in self.NAMES}


class Secrets(BaseModel):
    """Made once for a data folder, and kept in it."""

    s3_access_key: str
    s3_secret_key: str
    database_password: str
    secret_key: str


@dataclass(frozen=True)
class Layout:
    """stand_ins: how many; none where real ComfyUI servers are named. step_seconds: of each of
    their sampling steps. control: whether they take orders to misbehave.

    detours: (server of the stack, listener) to the port by which that server reaches it instead.
    """

    data: Path
    ports: Ports
    secrets: Secrets
    comfy_urls: list[str]
    stand_ins: int
    step_seconds: float
    control: bool = False
    detours: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def folder(self, name: str) -> Path:
        path = self.data / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def port(self, listener: str, user: str) -> int:
        """By which `user` reaches the listener."""
        return self.detours.get((user, listener), self.ports[listener])

    @property
    def simulated(self) -> bool:
        return self.stand_ins > 0

    @property
    def listeners(self) -> dict[str, int]:
        """The ports that are opened, by name."""
        idle = STAND_INS[self.stand_ins :]
        return {name: port for name, port in self.ports.all().items() if name not in idle}

    @property
    def url(self) -> str:
        return f"http://localhost:{self.ports['http']}"

    @property
    def temporal_address(self) -> str:
        return f"{HOST}:{self.ports['temporal']}"

    @property
    def database_url(self) -> str:
        return self.database_url_at(self.ports["postgres"])

    def database_url_at(self, port: int) -> str:
        return f"postgresql://animatrix:{self.secrets.database_password}@{HOST}:{port}/postgres"


def make_layout(
    data: Path, base_port: int, comfy_urls: list[str], step_seconds: float, *, stand_ins: int = 1
) -> Layout:
    """comfy_urls: none means as many stand-ins as stand_ins says."""
    data.mkdir(parents=True, exist_ok=True)
    ports = Ports(base_port)
    simulated = [f"http://{HOST}:{ports[name]}" for name in STAND_INS[:stand_ins]]
    return Layout(
        data=data,
        ports=ports,
        secrets=_secrets(data / "secrets.json"),
        comfy_urls=comfy_urls or simulated,
        stand_ins=0 if comfy_urls else stand_ins,
        step_seconds=step_seconds,
    )


def _secrets(path: Path) -> Secrets:
    """What is kept, with what a newer release needs besides."""
    kept = json.loads(path.read_bytes()) if path.exists() else {}
    known = Secrets.model_validate(_new_secrets() | kept)
    if known.model_dump() != kept:
        path.touch(mode=0o600)
        path.write_text(json.dumps(known.model_dump()), encoding="utf-8")
    return known


def _new_secrets() -> dict[str, str]:
    return {
        "s3_access_key": secrets.token_hex(10),
        "s3_secret_key": secrets.token_hex(20),
        "database_password": secrets.token_hex(16),
        "secret_key": secrets.token_hex(32),
    }
