"""`animatrix` as an operator's shell runs it, against the stack."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.local.layout import Layout
from services.local.stack import Stack
from tests.conftest import free_port
from tests.integration.conftest import Order
from tests.studio import Studio, eventually

WITHIN_S = 120
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(stack: Stack, layout: Layout) -> Run:
    """The command on the stack's machine; others: of its environment."""

    def call(*words: str, **others: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if "ANIMATRIX" not in name}
        own = {
            "ANIMATRIX_DATA_DIR": str(layout.data),
            "ANIMATRIX_PORT": str(layout.ports.base),
        }
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *words],
            env=kept | own | others,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )

    return call


async def in_background(run: Run, *words: str) -> "subprocess.CompletedProcess[str]":
    return await asyncio.get_running_loop().run_in_executor(ThreadPoolExecutor(1), run, *words)


async def test_video_is_ordered_watched_and_fetched(
    run: Run, studio: Studio, samples: Path, tmp_path: Path
) -> None:
    out = tmp_path / "dance.mp4"
    done = run(
        *("submit", "move", str(samples / "character.png"), str(samples / "dance.mp4")),
        *("--prompt", "She dances", "--quality", "draft", "--seconds", "0.5", "--out", str(out)),
        *("--set", 'keywords=["rain"]'),
    )
    assert done.returncode == 0, done.stderr
    job_id, *lines = done.stdout.splitlines()
    job = await studio.get(job_id)
    assert job["settings_json"]["keywords"] == ["rain"]
    assert lines[-1] == f"{job_id}  100 %  finished"
    wanted = hashlib.sha256(await studio.fetch(job["output"]["video_url"])).hexdigest()
    assert hashlib.sha256(out.read_bytes()).hexdigest() == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["dance.mp4"]


async def test_stopped_video_is_tried_again_and_watched_to_its_true_end(
    run: Run, studio: Studio, order: Order
) -> None:
    *_, job = [await order(seed=seed) for seed in range(6)]
    assert run("cancel", job["job_id"]).returncode == 0
    await studio.until_ended(job["job_id"])
    assert run("watch", job["job_id"]).returncode == 1
    assert run("retry", job["job_id"]).returncode == 0
    watched = run("watch", "--json", job["job_id"])
    events = [json.loads(line) for line in watched.stdout.splitlines()]
    assert [event["rev"] for event in events] == list(range(1, len(events) + 1))
    assert (events[-1]["status"], watched.returncode) == ("completed", 0)


async def test_all_that_is_on_its_way_is_watched(run: Run, studio: Studio, order: Order) -> None:
    jobs = [await order(seed=seed) for seed in range(6)]
    watched = await in_background(run, "watch")
    assert watched.returncode == 0, watched.stderr
    # The first ones may have been finished before.
    assert f"{jobs[-1]['job_id']}  100 %  finished" in watched.stdout
    assert run("watch").stderr == "No video is on its way.\n"


def test_refusal_is_told_in_the_studios_words(run: Run) -> None:
    done = run("retry", "0" * 32)
    assert done.returncode == 1
    assert done.stderr.startswith("This video does not exist")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("token", "status", "words"), [("amx_wrong", 1, "sign"), (None, 1, "Which token?")]
)
def test_wrong_or_no_token_says_so(
    run: Run, layout: Layout, token: str | None, status: int, words: str
) -> None:
    given = {"ANIMATRIX_TOKEN": token} if token else {}
    done = run("watch", "--url", layout.url, **given)
    assert done.returncode == status
    assert words in done.stderr.lower() or words in done.stderr
    assert "amx_wrong" not in done.stdout + done.stderr


def test_studio_that_is_away_is_said_in_one_sentence(run: Run) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = run("watch", "--url", url, ANIMATRIX_TOKEN="amx_any")
    assert done.returncode == 3
    assert done.stderr.startswith(f"{url} does not answer")
    assert len(done.stderr.splitlines()) == 1


async def test_backend_is_cordoned_and_given_work_again(run: Run, studio: Studio) -> None:
    [backend] = json.loads(run("backends", "list", "--json").stdout)
    name = backend["backend_id"]
    because = ("--reason", "tried by a test")
    assert run("backends", "cordon", name, *because).stdout == f"{name}  cordoned\n"
    try:
        assert "cordoned" in run("backends", "list").stdout
    finally:
        done = run("backends", "uncordon", name, *because)
    assert done.stdout == f"{name}  offered\n"

    async def serves() -> bool:
        items: list[dict[str, Any]] = (await studio.fetch_json("/api/admin/backends"))["items"]
        return bool(items[0]["lines"])

    await eventually(serves)


def test_templates_are_listed_with_what_renders(run: Run) -> None:
    listed = run("templates", "list").stdout
    assert "animate/move" in listed
    assert "active" in listed
    refused = run("templates", "activate", "animate/move", "9.9.9", "--reason", "tried by a test")
    assert refused.returncode == 1
    assert "9.9.9" in refused.stderr


async def test_access_of_a_command_ends_with_it(run: Run, studio: Studio) -> None:
    run("backends", "list")
    tokens = await studio.fetch_json("/api/admin/users/local/tokens")
    lent = [token for token in tokens["items"] if token["name"] == "a command at the machine"]
    assert lent
    assert all(token["revoked_at"] for token in lent)
