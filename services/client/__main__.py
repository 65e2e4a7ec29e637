"""Writes the client's package: `python -m services.client FOLDER`.

What owners and services use of the API: without the operators' part.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from services.client import follow

CONTRACT = Path(__file__).parents[2] / "proto" / "openapi.json"
OPERATORS = "admin"
PACKAGE = "animatrix_client"
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "animatrix-client"
version = "{version}"
description = "A client of the Animatrix API"
requires-python = ">=3.11"
dependencies = ["attrs>=22.2", "httpx>=0.23.1"]

[tool.hatch.build.targets.wheel]
packages = ["animatrix_client"]
"""


def main() -> int:
    [folder] = map(Path, sys.argv[1:])
    contract = _for_owners(CONTRACT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "openapi.json"
        source.write_text(json.dumps(contract), encoding="utf-8")
        _generate(source, folder / PACKAGE)
    helper = Path(follow.__file__)
    shutil.copy(helper, folder / PACKAGE / helper.name)
    project = PROJECT.format(version=contract["info"]["version"])
    (folder / PACKAGE / "py.typed").touch()
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    return 0


def _for_owners(contract: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(contract.read_text(encoding="utf-8"))
    paths = {
        path: methods
        for path, methods in document["paths"].items()
        if not any(OPERATORS in operation["tags"] for operation in methods.values())
    }
    return document | {"paths": paths}


def _generate(contract: Path, package: Path) -> None:
    program = Path(sys.executable).parent / "openapi-python-client"
    subprocess.run(
        [
            *(program, "generate", "--fail-on-warning", "--overwrite", "--meta", "none"),
            *("--path", contract, "--output-path", package),
        ],
        # It formats what it writes with the ruff on its path.
        env={"PATH": f"{program.parent}:/usr/bin:/bin"},
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
