"""The stand-in's whole process, or its executor, made to end."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import httpx
import pytest

from services.comfy_sim.faults import DeadExecutor, Exit, Moment, RefusedConnections, Restart
from tests.unit.comfy.comfy_factory import Bench, add_media, move, read_until, served, still, until


async def post_some(bench: Bench, prompt_id: str) -> None:
    """Submit a move, whether an answer comes or not."""
    try:
        await bench.post(move(), prompt_id=prompt_id, client_id="c")
    except httpx.TransportError:
        return


async def told(bench: Bench, event: str, prompt_id: str | None) -> None:
    async def look() -> bool:
        return (event, prompt_id) in bench.ledger()

    await until(look)


@pytest.mark.parametrize("moment", [m for m in Moment if m not in (Moment.NOW, Moment.CONNECTED)])
async def test_restart_at_a_moment_loses_the_prompt(tmp_path: Path, moment: Moment) -> None:
    fault = Restart(at=moment, seconds=0.0)
    async with served(tmp_path, faults=(fault,)) as bench:
        add_media(bench.sim.files.folder("input"))
        await post_some(bench, "p")
        await told(bench, "restarted", None)
        await until(bench.answers)
        assert await bench.line() == ([], [])
        assert await bench.get("/history") == {}
        assert (await bench.post(still(), prompt_id="q")).json()["number"] == 0
        assert (await bench.entry("q"))["status"]["completed"]


async def test_restart_keeps_files_and_empties_temp(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still()))
        (tmp_path / "temp" / "left.png").touch()
        bench.sim.set_fault(Restart(seconds=0.0))
        await told(bench, "restarted", None)
        await until(bench.answers)
        assert [path.name for path in (tmp_path / "output").iterdir()] == ["still_00001_.png"]
        assert list((tmp_path / "temp").iterdir()) == []
        await bench.finish(await bench.submit(still()))
        assert (tmp_path / "output" / "still_00002_.png").exists()


async def test_restart_while_a_video_is_written_leaves_a_part_of_it(tmp_path: Path) -> None:
    fault = Restart(at=Moment.WRITING, after=10, seconds=0.0)
    async with served(tmp_path, faults=(fault,)) as bench:
        add_media(bench.sim.files.folder("input"))
        await post_some(bench, "p")
        await told(bench, "restarted", None)
        await until(bench.answers)
    part = tmp_path / "output" / "video" / "clip_00001_.mp4"
    assert part.exists()
    with pytest.raises(av.error.FFmpegError):
        av.open(part)


async def test_server_refuses_connections_until_it_is_back(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        bench.sim.set_fault(Restart(seconds=0.2))
        await until(lambda: refused(bench))
        await until(bench.answers)


async def refused(bench: Bench) -> bool:
    """Whether no connection can be opened; that an open one is cut says nothing about that."""
    async with httpx.AsyncClient(base_url=bench.sim.url) as http:
        try:
            await http.get("/prompt")
        except httpx.ConnectError:
            return True
        except httpx.TransportError:
            return False
    return False


async def test_refused_connections_cost_no_prompt(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        await bench.submit(still(), "waiting")
        async with bench.socket("c") as reader:
            bench.sim.set_fault(RefusedConnections(seconds=0.1))
            await until(lambda: refused(bench))
            await reader.wait_closed()
        await until(bench.answers)
        assert await bench.line() == (["busy"], ["waiting"])


async def test_server_that_ended_for_good_stays_away(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        bench.sim.set_fault(Exit())
        await asyncio.wait_for(bench.sim.exited.wait(), 10)
        assert await refused(bench)


async def kill_at_once(bench: Bench) -> None:
    bench.sim.set_fault(DeadExecutor())


async def kill_at_the_next_prompt(bench: Bench) -> None:
    bench.sim.set_fault(DeadExecutor(at=Moment.STARTED))


@pytest.mark.parametrize("kill", [kill_at_once, kill_at_the_next_prompt])
async def test_dead_executor_runs_nothing_and_answers(
    tmp_path: Path, kill: Callable[[Bench], Awaitable[None]]
) -> None:
    async with served(tmp_path) as bench, bench.socket("bench") as reader:
        await kill(bench)
        await bench.submit(still(), "first")
        await bench.submit(still(), "second")
        await bench.comfy.http.post("/interrupt", json={"prompt_id": "first"})
        running, pending = await bench.line()
        assert sorted(running + pending) == ["first", "second"]
        assert await bench.get("/history") == {}
        await read_until(reader, "status")
        assert not [event for event, _ in bench.ledger() if event == "success"]


async def test_restart_raises_a_dead_executor(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        bench.sim.set_fault(DeadExecutor())
        await bench.submit(still(), "lost")
        bench.sim.set_fault(Restart(seconds=0.0))
        await told(bench, "restarted", None)
        await until(bench.answers)
        await bench.submit(still(), "done")
        assert (await bench.entry("done"))["status"]["completed"]
