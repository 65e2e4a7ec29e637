"""Setting the stand-in's faults: over HTTP, from the command line, and how often they happen."""

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.comfy_sim.faults import KINDS, Answer503, Fault, read_argument
from tests.unit.comfy.comfy_factory import Bench, served, still, until

ROUTE = "/sim/faults"


async def statuses(bench: Bench, count: int) -> list[int]:
    return [(await bench.comfy.http.get("/queue")).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (Answer503(), [503, 200, 200, 200, 200]),
        (Answer503(times=2), [503, 503, 200, 200, 200]),
        (Answer503(times=2, after=2), [200, 200, 503, 503, 200]),
        (Answer503(times=None, after=1), [200, 503, 503, 503, 503]),
    ],
)
async def test_fault_happens_as_often_as_it_is_told(
    tmp_path: Path, fault: Fault, seen: list[int]
) -> None:
    async with served(tmp_path, faults=(fault,)) as bench:
        assert await statuses(bench, 5) == seen


async def test_fault_is_set_listed_and_cleared_over_http(tmp_path: Path) -> None:
    async with served(tmp_path, control=True) as bench:
        http = bench.comfy.http
        answer = await http.post(ROUTE, json={"fault": "answer_503", "times": None})
        assert answer.json() == {"fault": "answer_503", "times": None, "after": 0, "path": "/"}
        assert await statuses(bench, 2) == [503, 503]
        assert (await bench.get(ROUTE))["faults"] == [{**answer.json(), "happened": 2}]
        await http.delete(ROUTE)
        assert await statuses(bench, 1) == [200]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fault": "bad_weather"},
        {"fault": "restart", "times": 0},
        {"fault": "restart", "hours": 1},
        {"fault": "restart", "at": "noon"},
    ],
)
async def test_unknown_fault_is_refused(tmp_path: Path, body: dict[str, Any]) -> None:
    async with served(tmp_path, control=True) as bench:
        answer = await bench.comfy.http.post(ROUTE, json=body)
        assert (answer.status_code, list(answer.json())) == (400, ["error"])
        assert (await bench.get(ROUTE))["faults"] == []


async def test_answer_comes_before_the_restart_it_asks_for(tmp_path: Path) -> None:
    async with served(tmp_path, control=True) as bench:
        body = {"fault": "restart", "seconds": 0}
        assert (await bench.comfy.http.post(ROUTE, json=body)).status_code == 200
        await until(bench.answers)
        assert (await bench.get(ROUTE))["faults"][0]["happened"] == 1


async def test_control_is_not_there_unless_it_is_asked_for(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert (await bench.comfy.http.get(ROUTE)).status_code == 404
        assert (await bench.comfy.http.post(ROUTE, json={"fault": "exit"})).status_code == 405


def test_argument_names_a_fault_and_its_parameters() -> None:
    assert read_argument("answer_503") == Answer503()
    assert read_argument("answer_503:times=null,after=3,path=/queue") == Answer503(
        times=None, after=3, path="/queue"
    )


async def test_command_sets_faults_and_ends_with_the_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--base-dir", str(tmp_path), "--fault", "exit:at=accepted"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.comfy_sim", *options
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

        async def ready() -> bool:
            try:
                return (await http.get("/prompt")).is_success
            except httpx.TransportError:
                return False

        await until(ready)
        with pytest.raises(httpx.TransportError):
            await http.post("/prompt", json={"prompt": still()})
    assert await process.wait() == 1


async def test_help_lists_every_fault() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.comfy_sim", "--help", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert [name for name in KINDS if f"\n  {name}" not in output.decode()] == []


async def test_command_refuses_an_unknown_fault(tmp_path: Path) -> None:
    options = ["--port", "1", "--base-dir", str(tmp_path), "--fault", "bad_weather"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.comfy_sim", *options), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 2
    assert b"no fault is called 'bad_weather'" in complaint


async def test_ledger_and_files_survive_a_kill(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "services.comfy_sim", "--port", str(port)]
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(*command, "--base-dir", str(tmp_path))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

            async def listed(http: httpx.AsyncClient = http) -> bool:
                try:
                    return bool((await http.post("/prompt", json={"prompt": still()})).json())
                except httpx.TransportError:
                    return False

            await until(listed)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    events = (tmp_path / "ledger.jsonl").read_text().splitlines()
    assert [line for line in events if '"restarted"' in line and '"boot": 2' in line]
