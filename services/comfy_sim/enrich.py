"""What newer servers say of a file besides its name."""

import mimetypes
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from PIL import Image

from services.comfy_sim.files import FileStore
from services.comfy_sim.media import probe_clip


def enriched(ui: dict[str, Any], files: FileStore) -> dict[str, Any]:
    return {
        key: [_with_more(value, files) if isinstance(value, dict) else value for value in values]
        for key, values in ui.items()
    }


def _with_more(entry: dict[str, Any], files: FileStore) -> dict[str, Any]:
    path = files.folder(entry["type"]) / entry["subfolder"] / entry["filename"]
    if not path.is_file():
        return entry
    more = {**entry, "id": asset_id(path)}
    kind = (mimetypes.guess_type(path.name)[0] or "").partition("/")[0]
    if kind == "image":
        with Image.open(path) as image:
            size = {"kind": kind, "width": image.width, "height": image.height}
        return {**more, "preview_id": more["id"], "metadata": size}
    return {**more, "metadata": _video(path)} if kind == "video" else more


def _video(path: Path) -> dict[str, Any]:
    facts = probe_clip(path)
    return {
        "kind": "video",
        "width": facts.width,
        "height": facts.height,
        "fps": float(facts.fps),
        "frame_count": facts.frames,
        "duration": float(facts.frames / facts.fps),
    }


def asset_id(path: Path) -> str:
    return str(uuid5(NAMESPACE_URL, path.as_uri()))


def asset(path: Path, kind: str) -> dict[str, Any]:
    """What the answer to an upload says of the stored file."""
    return {
        "id": asset_id(path),
        "name": path.name,
        "asset_hash": None,
        "size": path.stat().st_size,
        "mime_type": mimetypes.guess_type(path.name)[0],
        "tags": [kind],
    }
