from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

MIB = 1 << 20


def _fresh_dir() -> Path:
    return Path(mkdtemp(prefix="comfy_sim-"))


@dataclass(frozen=True)
class SimOptions:
    """port: 0 takes a free one. base_dir: holds input, output and temp, and outlives the server.

    step_seconds: of one sampling step. node_seconds: of any other node.
    models: folder to file names; None has what the templates and profiles name.
    high_quality: whether those include the bf16 files.
    """

    host: str = "127.0.0.1"
    port: int = 0
    base_dir: Path = field(default_factory=_fresh_dir)
    step_seconds: float = 0.15
    node_seconds: float = 0.02
    models: Mapping[str, list[str]] | None = None
    high_quality: bool = True
    max_upload_bytes: int = 100 * MIB
