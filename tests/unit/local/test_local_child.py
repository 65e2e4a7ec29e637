"""One server of the stack: started, seen, paused, ended."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from services.local.checks import CannotStart
from services.local.child import Child
from services.local.ready import says
from services.local.stack import FAILED_STARTS, Kept

POLITE = "import time; print('ready', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {POLITE}"
HOARDER = f"import tempfile; tempfile.mkstemp(); {POLITE}"

Make = Callable[[str], Child]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Gives a child that runs some Python; ended after the test."""
    made: list[Child] = []

    def child(code: str) -> Child:
        made.append(
            Child(
                "server",
                [sys.executable, "-c", code],
                ready=says("ready"),
                log=tmp_path / "server.log",
                scratch=tmp_path / "scratch",
            )
        )
        return made[-1]

    yield child
    for each in made:
        each.kill()


def until_ready(child: Child) -> None:
    until = time.monotonic() + 30
    while not child.is_ready():
        assert child.running, child.last_words
        assert time.monotonic() < until
        time.sleep(0.01)


def start(child: Child) -> int:
    child.spawn()
    until_ready(child)
    assert child.pid is not None
    return child.pid


def test_server_that_was_ended_has_no_process(make: Make) -> None:
    child = make(POLITE)
    assert (child.running, child.pid) == (False, None)
    pid = start(child)
    assert psutil.pid_exists(pid)
    child.stop(time.monotonic() + 30)
    assert (child.running, child.pid) == (False, None)
    assert not psutil.pid_exists(pid)


def test_server_that_does_not_listen_is_ended_by_force(make: Make) -> None:
    child = make(DEAF)
    start(child)
    child.stop(time.monotonic() + 0.2)
    assert not child.running


def test_paused_server_runs_and_can_be_stopped(make: Make) -> None:
    child = make(POLITE)
    pid = start(child)
    os.kill(pid, signal.SIGSTOP)
    while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    assert child.pid == pid
    child.stop(time.monotonic() + 30)
    assert not child.running


def test_temporary_files_of_a_killed_server_are_gone_when_it_starts_again(
    make: Make, tmp_path: Path
) -> None:
    child = make(HOARDER)
    start(child)
    [first] = (tmp_path / "scratch").iterdir()
    child.kill()
    start(child)
    [second] = (tmp_path / "scratch").iterdir()
    assert first != second


def test_what_a_server_forgets_elsewhere_goes_when_it_is_stopped(tmp_path: Path) -> None:
    forgotten, other = tmp_path / "a.sock", tmp_path / "b.sock"
    for path in (forgotten, other):
        path.touch()
    command = [sys.executable, "-c", POLITE]
    log = tmp_path / "server.log"
    child = Child("server", command, ready=says("ready"), log=log, leaves=[forgotten])
    start(child)
    assert forgotten.exists()
    child.stop(time.monotonic() + 30)
    assert not forgotten.exists()
    assert other.exists()


def test_words_of_an_earlier_life_do_not_make_a_server_ready(make: Make) -> None:
    child = make(POLITE)
    start(child)
    child.kill()
    child.spawn()
    assert not child.is_ready()
    until_ready(child)


def test_server_that_never_starts_is_given_up(make: Make) -> None:
    kept = Kept(make("raise SystemExit(1)"))
    for _ in range(FAILED_STARTS):
        kept.plan_restart()
    with pytest.raises(CannotStart, match="keeps ending"):
        kept.plan_restart()


def test_server_that_served_well_is_never_given_up(make: Make) -> None:
    kept = Kept(make("raise SystemExit(1)"))
    for _ in range(FAILED_STARTS * 2):
        kept.ready_at = 0.0
        kept.plan_restart()
    assert kept.spawn_at is not None
