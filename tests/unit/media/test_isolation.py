"""What is read in a child process harms nothing else, whatever it does there."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import psutil
import pytest
import pytest_asyncio

from proto.errors import ErrorCode
from proto.media import Crop
from services.media.errors import BadSegment, MediaRefused
from services.media.isolation import ChildFailed, Crashed, Isolation, Limits, Lost, open_isolation
from services.media.remote import SourceUnavailable
from tests.studio import eventually
from tests.unit.media import errands

TIGHT = Limits(written_bytes=4 * 1024 * 1024, cpu_s=1, wall_s=4.0)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def isolation() -> AsyncIterator[Isolation]:
    os.environ["ANIMATRIX_CANARY"] = os.environ["AWS_CANARY"] = "secret"
    async with open_isolation(TIGHT) as isolation:
        yield isolation
    del os.environ["ANIMATRIX_CANARY"], os.environ["AWS_CANARY"]


def has_landlock() -> bool:
    landlock_create_ruleset, ask_version = 444, 1
    return int(ctypes.CDLL(None).syscall(landlock_create_ruleset, None, 0, ask_version)) > 0


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


async def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


async def written(path: Path) -> int:
    async def found() -> int:
        return int(path.read_text() or 0) if path.exists() else 0

    pid: int = await eventually(found)
    return pid


async def test_answer_is_what_the_function_says_it_returns(isolation: Isolation) -> None:
    assert await isolation.run(errands.crop_of, 0.5) == Crop(width=0.5)


async def test_refusals_reach_the_caller(isolation: Isolation) -> None:
    with pytest.raises(MediaRefused) as refused:
        await isolation.run(errands.refuse)
    assert (refused.value.code, refused.value.message) == (ErrorCode.TOO_LONG, "This is too long.")
    with pytest.raises(BadSegment, match="frame 3"):
        await isolation.run(errands.find_bad)
    with pytest.raises(SourceUnavailable, match="status 503"):
        await isolation.run(errands.miss)


async def test_other_errors_come_with_their_place(isolation: Isolation) -> None:
    with pytest.raises(ChildFailed, match=r"errands\.py.*\n.*stumbled here"):
        await isolation.run(errands.stumble)


@pytest.mark.parametrize(
    ("errand", "cause"),
    [
        (errands.fill_memory, "out of memory"),
        (errands.spin, "out of time"),
        (errands.hang, "out of time"),
        (errands.break_down, "SIGSEGV"),
        (errands.vanish, "without an answer"),
        (errands.babble, "too much"),
    ],
)
async def test_child_that_goes_wrong_is_one_crash(
    isolation: Isolation, errand: "type[int]", cause: str
) -> None:
    with pytest.raises(Crashed, match=cause):
        await isolation.run(errand)
    assert await isolation.run(errands.crop_of, 0.5) == Crop(width=0.5)


async def test_child_that_writes_without_end_is_stopped(
    isolation: Isolation, tmp_path: Path
) -> None:
    path = tmp_path / "much"
    with pytest.raises(Crashed, match="wrote too much"):
        await isolation.run(errands.write_much, path)
    assert path.stat().st_size <= TIGHT.written_bytes


async def test_child_that_opens_without_end_is_stopped(
    isolation: Isolation, tmp_path: Path
) -> None:
    with pytest.raises(ChildFailed, match="Too many open files"):
        await isolation.run(errands.open_many, tmp_path / "file")


async def test_limits_and_lost_privileges_hold_in_the_child(isolation: Isolation) -> None:
    assert await isolation.run(errands.standing) == {
        "RLIMIT_CPU": TIGHT.cpu_s,
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": TIGHT.memory_bytes,
        "RLIMIT_NOFILE": TIGHT.open_files,
        "NoNewPrivs": 1,
        "CapEff": 0,
        "Threads": 1,
    }


async def test_answer_of_another_type_is_not_believed(isolation: Isolation) -> None:
    with pytest.raises(Crashed, match="nonsense"):
        await isolation.run(errands.lie)


@pytest.mark.parametrize(
    ("length", "content"),
    [
        (7, b"garbage"),
        (5, b"[1,2]"),
        (1000, b"cut short"),
        (200_000, b"[" * 200_000),
        (14, b'{"ended":-999}'),
        (22, b'{"refused":["zz","x"]}'),
        (2**63, b""),
    ],
)
async def test_answer_that_is_forged_is_one_crash(
    isolation: Isolation, length: int, content: bytes
) -> None:
    with pytest.raises(Crashed):
        await isolation.run(errands.forge, length, content)
    assert await isolation.run(errands.crop_of, 0.5) == Crop(width=0.5)


async def test_child_holds_no_socket_but_its_own(isolation: Isolation, tmp_path: Path) -> None:
    other = asyncio.create_task(isolation.run(errands.process_id, tmp_path / "pid"))
    await written(tmp_path / "pid")
    assert await isolation.run(errands.count_sockets) == 1
    other.cancel()


async def test_what_a_child_prints_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    async with open_isolation() as isolation:
        await isolation.run(errands.speak)
    assert capfd.readouterr() == ("", "")


async def test_crash_leaves_other_calls_alone(isolation: Isolation) -> None:
    calls = [isolation.run(errands.crop_of, number / 10) for number in range(1, 6)]
    crash = isolation.run(errands.break_down)
    *crops, crashed = await asyncio.gather(*calls, crash, return_exceptions=True)
    assert crops == [Crop(width=number / 10) for number in range(1, 6)]
    assert isinstance(crashed, Crashed)


async def test_child_knows_no_secrets_and_its_parent_has_one_thread(isolation: Isolation) -> None:
    found = await isolation.run(errands.environment)
    assert "secret" not in found.values()
    assert not [name for name in found if name.startswith(("ANIMATRIX_", "AWS_"))]
    warm = psutil.Process(await isolation.run(errands.parent))
    assert "secret" not in warm.environ().values()
    assert warm.num_threads() == 1


@pytest.mark.skipif(not has_landlock(), reason="this Linux has no Landlock")
async def test_child_cannot_look_into_its_worker(isolation: Isolation) -> None:
    with pytest.raises(ChildFailed, match="PermissionError"):
        await isolation.run(errands.read_environment_of, os.getpid())


async def test_cancelled_call_ends_its_child(isolation: Isolation, tmp_path: Path) -> None:
    call = asyncio.create_task(isolation.run(errands.process_id, tmp_path / "pid"))
    pid = await written(tmp_path / "pid")
    call.cancel()
    await eventually(lambda: is_gone(pid))


async def test_warm_process_that_dies_is_started_anew(isolation: Isolation, tmp_path: Path) -> None:
    call = asyncio.create_task(isolation.run(errands.process_id, tmp_path / "pid"))
    child = psutil.Process(await written(tmp_path / "pid"))
    child.parent().kill()  # type: ignore[union-attr]
    with pytest.raises(Lost):
        await call
    await eventually(lambda: is_gone(child.pid))
    assert await isolation.run(errands.crop_of, 0.5) == Crop(width=0.5)


async def test_nothing_is_left_when_it_closes(tmp_path: Path) -> None:
    before = {process.pid for process in children()}
    async with open_isolation() as isolation:
        call = asyncio.create_task(isolation.run(errands.process_id, tmp_path / "pid"))
        pid = await written(tmp_path / "pid")
        made = {process.pid for process in children()} - before
    with pytest.raises(Lost):
        await call
    assert pid in made
    for left in made:
        await eventually(lambda left=left: is_gone(left))


WORKER = """
import asyncio, sys
from pathlib import Path
from services.media.isolation import open_isolation
from tests.unit.media import errands

async def main():
    async with open_isolation() as isolation:
        await isolation.run(errands.process_id, Path(sys.argv[1]))

asyncio.run(main())
"""


async def test_nothing_outlives_a_worker_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    root = Path(__file__).parents[3]
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(path)], cwd=root)
    child = psutil.Process(await written(path))
    warm = child.parent()
    assert warm is not None
    assert warm.ppid() == worker.pid
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    for pid in (child.pid, warm.pid):
        await eventually(lambda pid=pid: is_gone(pid))


async def test_film_in_4k_fits_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "4k.mp4"
    with av.open(str(path), "w") as container:
        film: Any = container.add_stream("libx265", rate=30)
        film.width, film.height, film.pix_fmt = 3840, 2160, "yuv420p10le"
        film.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        for _ in range(8):
            container.mux(film.encode(av.VideoFrame(3840, 2160, "yuv420p10le")))
        container.mux(film.encode(None))
    async with open_isolation() as isolation:
        assert await isolation.run(errands.decode, path) == 8
