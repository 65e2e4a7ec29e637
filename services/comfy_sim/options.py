from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from services.comfy_sim.faults import Fault

MIB = 1 << 20
GIB = 1 << 30


def _fresh_dir() -> Path:
    return Path(mkdtemp(prefix="comfy_sim-"))


@dataclass(frozen=True)
class SimOptions:
    """port: 0 takes a free one. base_dir: holds input, output, temp and the ledger, and outlives
    the server.

    step_seconds: of one sampling step. node_seconds: of any other node.
    models: folder to file names; None has what the templates and profiles name.
    high_quality: whether those include the bf16 files. without: model files it lacks.
    without_nodes: node classes it lacks. vram_gb: of its one device.
    profile: a key of PROFILES. previews: whether samplers show pictures of what they make.
    faults: what goes wrong from the start. control: whether faults can be set over HTTP.
    """

    host: str = "127.0.0.1"
    port: int = 0
    base_dir: Path = field(default_factory=_fresh_dir)
    step_seconds: float = 0.15
    node_seconds: float = 0.02
    models: Mapping[str, list[str]] | None = None
    high_quality: bool = True
    without: tuple[str, ...] = ()
    without_nodes: tuple[str, ...] = ()
    vram_gb: float = 24
    max_upload_bytes: int = 100 * MIB
    profile: str = "0.3.64"
    previews: bool = False
    faults: tuple[Fault, ...] = ()
    control: bool = False
