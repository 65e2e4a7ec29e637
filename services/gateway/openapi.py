"""Writes the API's description, `proto/openapi.json`, from which TypeScript types are made."""

import json
import sys
from pathlib import Path

from services.gateway.app import create_app

TARGET = Path(__file__).parents[2] / "proto" / "openapi.json"


def rendered() -> str:
    return json.dumps(create_app(None).openapi(), indent=1, sort_keys=True) + "\n"


def main() -> int:
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(rendered(), encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == rendered():
        return 0
    sys.stderr.write("proto/openapi.json is not what the code says. Run: make fix\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
