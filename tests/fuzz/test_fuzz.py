"""A short run over everything; `make fuzz` is a long one."""

import json
import subprocess
import sys

CASES, SEED, WITHIN_S = 3000, 1, 400


def test_no_generated_request_breaks_the_api_or_its_description() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--cases", str(CASES), "--seed", str(SEED)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    summary = json.loads(run.stdout.splitlines()[-1])
    assert (summary["server_errors"], summary["undocumented"]) == (0, 0), run.stderr
    assert summary["cases"] >= CASES, run.stderr
    assert run.returncode == 0, run.stderr
