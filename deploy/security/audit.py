"""Known vulnerabilities of what the locks name: fails where the policy gives no reason for one."""

import argparse
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
POLICY = Path(__file__).with_name("policy.toml")
NODE_FOLDERS = ("frontend", "tests/bench/page")


@dataclass(frozen=True)
class Finding:
    """ids: every name that the vulnerability has."""

    package: str
    ids: frozenset[str]
    text: str


def python_findings() -> list[Finding]:
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock"),
        *("--require-hashes", "--disable-pip", "--vulnerability-service", "pypi"),
        *("--format", "json", "--progress-spinner", "off"),
    ]
    told = _json(command, ROOT)
    return [
        Finding(
            f"{item['name']} {item['version']}",
            frozenset([found["id"], *found["aliases"]]),
            f"fixed in {', '.join(found['fix_versions']) or 'no release'}",
        )
        for item in told["dependencies"]
        for found in item.get("vulns", [])
    ]


def node_findings(folder: str, npm: str) -> list[Finding]:
    """npm: its npm-cli.js."""
    told = _json(["node", npm, "audit", "--json", "--package-lock-only"], ROOT / folder)
    if "vulnerabilities" not in told:
        raise SystemExit(f"{folder} can't be audited: {told.get('message', told)}")
    causes = {
        cause["url"].rpartition("/")[2]: cause
        for item in told["vulnerabilities"].values()
        for cause in item["via"]
        # The others only name the package that brings it along.
        if isinstance(cause, dict)
    }
    return [
        Finding(f"{cause['name']} {cause['range']}", frozenset([name]), cause["title"])
        for name, cause in causes.items()
    ]


def _json(command: list[str], folder: Path) -> Any:
    """What the auditor found. Both end with 1 where that is anything."""
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if not done.stdout.strip():
        raise SystemExit(f"{command[0]} found nothing out: {done.stderr.strip()}")
    return json.loads(done.stdout)


def tell(source: str, findings: list[Finding], accepted: dict[str, str]) -> int:
    """How many of them nobody has accepted."""
    count = 0
    for finding in findings:
        reasons = [accepted[name] for name in finding.ids & accepted.keys()]
        count += not reasons
        verdict = f"accepted ({reasons[0]})" if reasons else "KNOWN VULNERABILITY"
        names = ", ".join(sorted(finding.ids))
        sys.stdout.write(f"{verdict}: {finding.package}: {names}: {finding.text}\n")
    sys.stdout.write(f"{source}: {count} vulnerabilities, {len(findings) - count} accepted\n")
    sys.stdout.flush()
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", required=True, help="path of npm-cli.js")
    npm: str = parser.parse_args().npm
    accepted: dict[str, str] = tomllib.loads(POLICY.read_text(encoding="utf-8"))["vulnerabilities"]
    count = tell("requirements.lock", python_findings(), accepted)
    for folder in NODE_FOLDERS:
        count += tell(folder, node_findings(folder, npm), accepted)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
