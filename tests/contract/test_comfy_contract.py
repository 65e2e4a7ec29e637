"""Facts the product builds on, as a server shows them.

They run against the stand-in, or against the server that ANIMATRIX_CONTRACT_URL names.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect

from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve

URL_VARIABLE = "ANIMATRIX_CONTRACT_URL"


@pytest.fixture
async def comfy(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    url = os.environ.get(URL_VARIABLE)
    if url is not None:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            yield client
        return
    options = SimOptions(base_dir=tmp_path, step_seconds=0.001, node_seconds=0.001, models={})
    async with serve(options) as sim, httpx.AsyncClient(base_url=sim.url, timeout=60) as client:
        yield client


def graph(image: dict[str, Any] | None = None) -> dict[str, Any]:
    """A plain picture nobody asked for before."""
    colour = uuid4().int % 0xFFFFFF
    plain = {"width": 64, "height": 48, "batch_size": 1, "color": colour}
    saved = {"images": ["1", 0], "filename_prefix": f"contract/{uuid4()}"}
    return {
        "1": image or {"class_type": "EmptyImage", "inputs": plain},
        "2": {"class_type": "SaveImage", "inputs": saved},
    }


async def run(comfy: httpx.AsyncClient, prompt: dict[str, Any], prompt_id: str) -> dict[str, Any]:
    answer = await comfy.post("/prompt", json={"prompt": prompt, "prompt_id": prompt_id})
    assert answer.status_code == 200, answer.text
    while not (entry := (await comfy.get(f"/history/{prompt_id}")).json()):
        pass
    found: dict[str, Any] = entry[prompt_id]
    return found


async def test_success_is_told_by_the_last_message(comfy: httpx.AsyncClient) -> None:
    entry = await run(comfy, graph(), str(uuid4()))
    events = [event for event, _ in entry["status"]["messages"]]
    assert events == ["execution_start", "execution_cached", "execution_success"]
    assert entry["status"]["completed"] is True
    (file,) = entry["outputs"]["2"]["images"]
    assert (file["subfolder"], file["type"]) == ("contract", "output")


async def test_reported_file_can_be_read_in_parts(comfy: httpx.AsyncClient) -> None:
    (file,) = (await run(comfy, graph(), str(uuid4())))["outputs"]["2"]["images"]
    whole = await comfy.get("/view", params=file)
    part = await comfy.get("/view", params=file, headers={"Range": "bytes=4-9"})
    beyond = await comfy.get("/view", params=file, headers={"Range": "bytes=99999999-"})
    assert (whole.status_code, part.status_code, beyond.status_code) == (200, 206, 416)
    assert part.content == whole.content[4:10]


async def test_same_id_is_accepted_twice(comfy: httpx.AsyncClient) -> None:
    prompt_id = str(uuid4())
    first = await run(comfy, graph(), prompt_id)
    body = {"prompt": graph(), "prompt_id": prompt_id}
    assert (await comfy.post("/prompt", json=body)).status_code == 200
    while (await comfy.get(f"/history/{prompt_id}")).json()[prompt_id] == first:
        pass


async def test_identical_graph_reports_the_file_it_made_before(comfy: httpx.AsyncClient) -> None:
    prompt = graph()
    first = await run(comfy, prompt, str(uuid4()))
    second = await run(comfy, prompt, str(uuid4()))
    assert second["outputs"] == first["outputs"]


async def test_one_good_output_makes_a_success_with_errors(comfy: httpx.AsyncClient) -> None:
    gone = {"class_type": "LoadImage", "inputs": {"image": "not-here.png"}}
    bad = {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}}
    answer = await comfy.post("/prompt", json={"prompt": graph() | {"3": gone, "4": bad}})
    assert answer.status_code == 200
    (error,) = answer.json()["node_errors"]["3"]["errors"]
    assert error["type"] == "custom_validation_failed"


async def test_graph_without_a_good_output_is_refused(comfy: httpx.AsyncClient) -> None:
    gone = {"class_type": "LoadImage", "inputs": {"image": "not-here.png"}}
    answer = await comfy.post("/prompt", json={"prompt": graph(gone)})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "prompt_outputs_failed_validation"


async def test_unknown_things_are_empty_successes(comfy: httpx.AsyncClient) -> None:
    unknown = str(uuid4())
    assert (await comfy.get(f"/history/{unknown}")).json() == {}
    assert (await comfy.get("/object_info/NoSuchNode")).json() == {}
    for path, body in (
        ("/queue", {"delete": [unknown]}),
        ("/interrupt", {"prompt_id": unknown}),
    ):
        answer = await comfy.post(path, json=body)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_bad_json_is_a_server_error(comfy: httpx.AsyncClient) -> None:
    answer = await comfy.post("/prompt", content="not json")
    assert (answer.status_code, answer.headers["Connection"]) == (500, "close")


@pytest.mark.parametrize("path", ["/models/nowhere", "/view?filename=nowhere.png", "/nowhere"])
async def test_missing_things_are_empty_answers(comfy: httpx.AsyncClient, path: str) -> None:
    answer = await comfy.get(path)
    assert (answer.status_code, answer.content) == (404, b"")


async def test_upload_keeps_names_apart_and_bytes_together(comfy: httpx.AsyncClient) -> None:
    async def upload(content: bytes) -> str:
        files = {"image": ("a.bin", content)}
        answer = await comfy.post("/upload/image", data={"subfolder": subfolder}, files=files)
        name: str = answer.json()["name"]
        return name

    subfolder = f"contract/{uuid4()}"
    names = [await upload(content) for content in (b"one", b"two", b"one", b"two")]
    assert names == ["a.bin", "a (1).bin", "a.bin", "a (1).bin"]


async def test_every_route_is_also_under_api(comfy: httpx.AsyncClient) -> None:
    for path in ("/queue", "/prompt", "/system_stats", "/features", "/models", "/history"):
        assert (await comfy.get(f"/api{path}")).status_code == 200


async def test_end_of_a_prompt_is_in_history_when_its_client_is_told(
    comfy: httpx.AsyncClient,
) -> None:
    url = str(comfy.base_url).replace("http", "ws", 1).rstrip("/")
    client_id, prompt_id = str(uuid4()), str(uuid4())
    end = f'"node": null, "prompt_id": "{prompt_id}"'
    async with connect(f"{url}/ws?clientId={client_id}", proxy=None) as socket:
        body = {"prompt": graph(), "prompt_id": prompt_id, "client_id": client_id}
        await comfy.post("/prompt", json=body)
        while end not in str(await socket.recv()):
            pass
    assert prompt_id in (await comfy.get(f"/history/{prompt_id}")).json()
