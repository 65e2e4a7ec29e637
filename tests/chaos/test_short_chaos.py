"""A short run with a fixed seed; `make chaos` makes longer ones."""

import json
import subprocess
import sys
from pathlib import Path

RUNS, SEED = 10, 79
SEGMENTS, LONG_JOBS = 4, 2
ARGUMENTS = {
    "--runs": RUNS,
    "--seed": SEED,
    "--segments": SEGMENTS,
    "--long-every": RUNS // LONG_JOBS,
    "--gap": 1.2,
    "--longest-stop": 5,
    "--step-seconds": 0.1,
    "--limit": 45,
    "--slots-within": 0,
}
WITHIN_S = 300


def test_nothing_is_lost_doubled_missed_or_left_over() -> None:
    command = [sys.executable, "-m", "tests.chaos"]
    command += [str(part) for pair in ARGUMENTS.items() for part in pair]
    run = subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    summary = json.loads(run.stdout.splitlines()[-1])
    assert (summary["runs"], summary["seed"]) == (RUNS, SEED)
    assert sum(summary["jobs"].values()) == RUNS
    assert summary["faults"] >= RUNS / 2
    assert summary["recovery_s"]["of"] > 0
    assert summary["long_jobs"]["of"] == LONG_JOBS
    assert summary["long_jobs"]["segments"] == LONG_JOBS * SEGMENTS
    assert summary["wasted_segments_max"] <= 1
