"""What is made to go wrong with requests to the stand-in."""

from pathlib import Path

import httpx
import pytest

from services.comfy_sim.faults import (
    Answer500Queued,
    Answer503,
    Fault,
    HangHttp,
    LateAccept,
    LostAnswer,
    PartialValid,
    SlowDisk,
    TruncatedFile,
    Upload413,
    Upload500,
    VanishedFile,
    WrongLength,
)
from tests.unit.comfy.comfy_factory import Bench, served, still

CONTENT = bytes(range(256)) * 1024


async def test_lost_answer_is_of_a_prompt_that_runs(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(LostAnswer(),)) as bench:
        with pytest.raises(httpx.TransportError):
            await bench.post(still(), prompt_id="p")
        assert (await bench.entry("p"))["status"]["completed"]
        assert (await bench.post(still(), prompt_id="q")).status_code == 200


async def test_late_prompt_is_nowhere_and_then_runs(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(LateAccept(seconds=0.1),)) as bench:
        with pytest.raises(httpx.TransportError):
            await bench.post(still(), prompt_id="p")
        assert bench.ledger() == []
        assert (await bench.entry("p"))["status"]["completed"]


async def test_late_prompt_dies_with_the_server(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(LateAccept(seconds=0.1),)) as bench:
        with pytest.raises(httpx.TransportError):
            await bench.post(still(), prompt_id="p")
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still(), "q"))
        assert ("accepted", "p") not in bench.ledger()


async def test_server_error_can_be_of_a_queued_prompt(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(Answer500Queued(),)) as bench:
        answer = await bench.post(still(), prompt_id="p")
        assert (answer.status_code, answer.headers["Connection"]) == (500, "close")
        assert (await bench.entry("p"))["status"]["completed"]


async def test_faults_of_answers_wait_for_a_prompt_that_is_accepted(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(LostAnswer(),)) as bench:
        assert (await bench.post({})).status_code == 400
        with pytest.raises(httpx.TransportError):
            await bench.post(still())


async def test_partly_valid_prompt_runs_without_its_last_output(tmp_path: Path) -> None:
    graph = still() | {"other": still("other")["save"]}
    async with served(tmp_path, faults=(PartialValid(),)) as bench:
        answer = await bench.post(graph, prompt_id="p")
        assert (answer.status_code, list(answer.json()["node_errors"])) == (200, ["other"])
        assert list((await bench.entry("p"))["outputs"]) == ["save"]


async def test_only_the_named_path_is_unavailable(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(Answer503(path="/queue", times=2),)) as bench:
        statuses = [(await bench.comfy.http.get("/api/queue")).status_code for _ in range(3)]
        assert statuses == [503, 503, 200]
        assert (await bench.comfy.http.get("/prompt")).status_code == 200


async def test_hanging_request_ends_without_an_answer(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(HangHttp(path="/history", seconds=0.05),)) as bench:
        assert await bench.get("/queue")
        with pytest.raises(httpx.TransportError):
            await bench.get("/history/p")
        assert await bench.get("/history/p") == {}


async def view(bench: Bench, name: str, **headers: str) -> httpx.Response:
    (bench.sim.files.folder("output") / name).write_bytes(CONTENT)
    return await bench.comfy.http.get("/view", params={"filename": name}, headers=headers)


async def test_vanished_file_is_back_at_the_next_look(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(VanishedFile(suffix=".mp4"),)) as bench:
        assert (await view(bench, "a.png")).content == CONTENT
        assert (await view(bench, "a.mp4")).status_code == 404
        assert (await view(bench, "a.mp4")).content == CONTENT


async def test_truncated_file_looks_whole(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(TruncatedFile(kept=0.25),)) as bench:
        answer = await view(bench, "a.mp4")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "video/mp4")
        assert answer.content == CONTENT[: len(CONTENT) // 4]


async def test_file_of_wrong_length_breaks_off(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(WrongLength(),)) as bench:
        with pytest.raises(httpx.TransportError):
            await view(bench, "a.mp4")
        assert (await view(bench, "a.mp4")).content == CONTENT


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        (None, 200, CONTENT),
        ("bytes=100-199", 206, CONTENT[100:200]),
        ("bytes=-100", 206, CONTENT[-100:]),
        ("bytes=262000-999999", 206, CONTENT[262000:]),
        ("bytes=999999-", 416, b""),
    ],
)
async def test_slow_file_is_served_like_any(
    tmp_path: Path, wanted: str | None, status: int, content: bytes
) -> None:
    async with served(tmp_path, faults=(SlowDisk(seconds=0.001),)) as bench:
        headers = {} if wanted is None else {"Range": wanted}
        answer = await view(bench, "a.mp4", **headers)
        assert (answer.status_code, answer.content) == (status, content)


@pytest.mark.parametrize(("fault", "status"), [(Upload413(), 413), (Upload500(), 500)])
async def test_failed_upload_stores_nothing(tmp_path: Path, fault: Fault, status: int) -> None:
    async with served(tmp_path, faults=(fault,)) as bench:
        files = {"image": ("a.png", CONTENT)}
        answer = await bench.comfy.http.post("/upload/image", files=files)
        assert answer.status_code == status
        assert list((tmp_path / "input").iterdir()) == []
        again = await bench.comfy.http.post("/upload/image", files=files)
        assert (again.status_code, again.json()["name"]) == (200, "a.png")


async def test_upload_that_is_too_large_is_told_the_limit(tmp_path: Path) -> None:
    async with served(tmp_path, max_upload_bytes=1000) as bench:
        answer = await bench.comfy.http.post("/upload/image", files={"image": ("a", CONTENT)})
        assert answer.status_code == 413
        assert answer.text == "Maximum request body size 1000 exceeded."
