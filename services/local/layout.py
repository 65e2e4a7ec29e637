"""Where the embedded stack lives: ports, folders, secrets."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ports:
    """One port for each listener, counted up from the base."""

    NAMES: ClassVar = (
        *("http", "https", "gateway", "temporal", "temporal_ui", "temporal_metrics"),
        *("postgres", "s3", "s3_grpc", "s3_master", "s3_master_grpc", "s3_volume"),
        *("s3_volume_grpc", "s3_filer", "s3_filer_grpc", "s3_admin", "s3_admin_grpc", "comfy"),
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


@dataclass(frozen=True)
class Layout:
    data: Path
    ports: Ports
    secrets: Secrets
    comfy_urls: list[str]
    simulated: bool
    step_seconds: float

    def folder(self, name: str) -> Path:
        path = self.data / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.ports['http']}"

    @property
    def temporal_address(self) -> str:
        return f"{HOST}:{self.ports['temporal']}"

    @property
    def database_url(self) -> str:
        password = self.secrets.database_password
        return f"postgresql://animatrix:{password}@{HOST}:{self.ports['postgres']}/postgres"


def make_layout(data: Path, base_port: int, comfy_urls: list[str], step_seconds: float) -> Layout:
    """comfy_urls: none means the stand-in, whose sampling steps take step_seconds each."""
    data.mkdir(parents=True, exist_ok=True)
    ports = Ports(base_port)
    return Layout(
        data=data,
        ports=ports,
        secrets=_secrets(data / "secrets.json"),
        comfy_urls=comfy_urls or [f"http://{HOST}:{ports['comfy']}"],
        simulated=not comfy_urls,
        step_seconds=step_seconds,
    )


def _secrets(path: Path) -> Secrets:
    if not path.exists():
        made = Secrets(
            s3_access_key=secrets.token_hex(10),
            s3_secret_key=secrets.token_hex(20),
            database_password=secrets.token_hex(16),
        )
        path.touch(mode=0o600)
        path.write_text(json.dumps(made.model_dump()), encoding="utf-8")
    return Secrets.model_validate_json(path.read_bytes())
