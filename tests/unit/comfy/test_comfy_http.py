from pathlib import Path

import pytest

from tests.unit.comfy.comfy_factory import served, still


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "012345"),
        ("?max_items=2", "45"),
        ("?max_items=2&offset=0", "01"),
        ("?max_items=2&offset=1", "12"),
        ("?offset=4", "45"),
        ("?max_items=2&offset=-1", "45"),
        ("?max_items=0", ""),
        ("?max_items=-1", ""),
        ("?max_items=100", "012345"),
        ("?offset=99", ""),
    ],
)
async def test_history_window(tmp_path: Path, query: str, shown: str) -> None:
    async with served(tmp_path) as bench:
        for prompt_id in "012345":
            await bench.finish(await bench.submit(still(), prompt_id))
        assert "".join(await bench.comfy.get_json(f"/history{query}")) == shown


async def test_id_that_ran_again_keeps_its_place_in_the_history(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        for prompt_id in "010":
            await bench.finish(await bench.submit(still(), prompt_id))
        assert list(await bench.comfy.get_json("/history")) == ["0", "1"]


async def test_forgotten_prompt_leaves_its_neighbours(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        for prompt_id in "01":
            await bench.finish(await bench.submit(still(), prompt_id))
        await bench.comfy.post("/history", {"delete": ["0"]})
        assert list(await bench.comfy.get_json("/history")) == ["1"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://evil.example", 403),
        ("http://localhost:{port}", 403),
        ("http://127.0.0.1:1", 403),
        ("http://127.0.0.1:{port}", 200),
        ("https://127.0.0.1:{port}", 200),
        ("http://127.0.0.1", 200),
        ("null", 200),
    ],
)
async def test_page_of_another_site_is_kept_out(tmp_path: Path, origin: str, status: int) -> None:
    async with served(tmp_path) as bench:
        port = bench.sim.url.rpartition(":")[2]
        headers = {"Origin": origin.format(port=port)}
        answer = await bench.comfy.http.get("/queue", headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/interrupt", 404),
        ("GET", "/upload/image", 404),
        ("PUT", "/prompt", 405),
        ("POST", "/view", 405),
        ("GET", "/history/", 404),
        ("OPTIONS", "/anything", 200),
    ],
)
async def test_wrong_method(tmp_path: Path, method: str, path: str, status: int) -> None:
    async with served(tmp_path) as bench:
        assert (await bench.comfy.http.request(method, path)).status_code == status


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/queue", ""),
        ("/queue", '{"delete": null}'),
        ("/interrupt", "[1]"),
        ("/free", ""),
        ("/history", "not json"),
    ],
)
async def test_bad_command_is_a_server_error(tmp_path: Path, path: str, body: str) -> None:
    async with served(tmp_path) as bench:
        assert (await bench.comfy.http.post(path, content=body)).status_code == 500


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('name="file"; filename="a.png"', 400),
        ('name="image"', 500),
        ('name="image"; filename=""', 500),
        ('name="image"; filename="missing/a.png"', 500),
        ('name="image"; filename="."', 500),
        ('name="image"; filename="../a.png"', 400),
    ],
)
async def test_odd_upload(tmp_path: Path, body: str, status: int) -> None:
    form = f"--B\r\nContent-Disposition: form-data; {body}\r\n\r\nabc\r\n--B--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    async with served(tmp_path) as bench:
        answer = await bench.comfy.http.post("/upload/image", content=form, headers=headers)
        assert answer.status_code == status
