"""What is read in a child process harms nothing else, whatever it does there."""

import asyncio
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


async def test_answer_of_another_type_is_not_believed(isolation: Isolation) -> None:
    with pytest.raises(ValueError, match="valid integer"):
        await isolation.run(errands.lie)


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
    assert await isolation.run(errands.threads_of_parent) == 1


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
