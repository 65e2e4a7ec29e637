"""Writes what others build on: the JSON Schemas of a job's documents, and the page's file types."""

import json
import sys
from pathlib import Path

from proto.formats import accepted_extensions
from proto.manifest import DebugMetadata, JobManifest
from proto.media import AssetKind
from proto.model import Model

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "docs" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def rendered() -> dict[Path, str]:
    return {
        SCHEMAS / "job_manifest.schema.json": _schema(JobManifest),
        SCHEMAS / "debug_metadata.schema.json": _schema(DebugMetadata),
        ROOT / "frontend" / "src" / "lib" / "formats.gen.ts": _formats(),
    }


def main() -> int:
    if "--check" not in sys.argv[1:]:
        for path, text in rendered().items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in rendered().items() if not _holds(path, text)]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} is not what the code says. Run: make fix\n")
    return 1 if stale else 0


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def _schema(model: type[Model]) -> str:
    schema = {"$schema": DIALECT, **model.model_json_schema(mode="serialization")}
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def _formats() -> str:
    accepted = {
        kind.value: [name.removeprefix(".") for name in accepted_extensions(kind)]
        for kind in AssetKind
    }
    return (
        "/** The files the studio takes. Written by proto/schemas.py. */\n"
        "export const EXTENSIONS: Record<'image' | 'video' | 'audio', readonly string[]> =\n"
        f"  {json.dumps(accepted)}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
