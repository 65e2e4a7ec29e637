"""The licences of all that we build on: writes the list, and fails where one is not allowed."""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
POLICY = Path(__file__).with_name("policy.toml")
LOCKS = ("frontend/package-lock.json", "tests/bench/page/package-lock.json")
LOCKED = re.compile(r"^([a-z0-9.-]+)==", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Package:
    source: str
    name: str
    version: str
    licence: str


class Policy:
    def __init__(self, path: Path) -> None:
        rules = tomllib.loads(path.read_text(encoding="utf-8"))["licences"]
        self._allowed = frozenset(rules["allowed"])
        self._names: dict[str, str] = rules["names"]
        self._packages: dict[str, str] = rules["packages"]

    def allows(self, package: Package) -> bool:
        return package.name in self._packages or self._allows(package.licence)

    def note(self, package: Package) -> str:
        return self._packages.get(package.name, "")

    def _allows(self, licence: str) -> bool:
        """One of a choice, all of a sum. Package authors also sum up with semicolons."""
        plain = self._names.get(licence, licence).removeprefix("(").removesuffix(")")
        if " OR " in plain:
            return any(map(self._allows, plain.split(" OR ")))
        if re.search(r" AND |; ", plain):
            return all(map(self._allows, re.split(r" AND |; ", plain)))
        return plain in self._allowed


def python_packages() -> list[Package]:
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    locked = set(LOCKED.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    return [
        Package("Python", item["Name"], item["Version"], item["License"])
        for item in told
        if re.sub(r"[_.-]+", "-", item["Name"]).lower() in locked
    ]


def node_packages() -> list[Package]:
    found: set[Package] = set()
    for lock in LOCKS:
        packages = json.loads((ROOT / lock).read_bytes())["packages"]
        for path, item in packages.items():
            name = path.rpartition("node_modules/")[2]
            if name:
                found.add(Package("Node", name, item["version"], item.get("license", "none")))
    return sorted(found)


def table(packages: list[Package], policy: Policy) -> str:
    head = ["| package | version | licence | note |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *(_row(package, policy.note(package)) for package in packages)])


def _row(package: Package, note: str) -> str:
    return f"| {package.name} | {package.version} | {_short(package.licence)} | {note} |"


def _short(licence: str) -> str:
    return licence.strip().splitlines()[0][:80]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    policy, python, node = Policy(POLICY), python_packages(), node_packages()
    text = (
        f"# Licences\n\n## Python\n\n{table(python, policy)}\n\n## Node\n\n{table(node, policy)}\n"
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    refused = [package for package in python + node if not policy.allows(package)]
    for package in refused:
        sys.stdout.write(f"{package.name} {package.version}: {_short(package.licence)}\n")
    sys.stdout.write(f"{len(python) + len(node)} packages, {len(refused)} not allowed; {out}\n")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
