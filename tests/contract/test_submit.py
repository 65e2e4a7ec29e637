"""POST /prompt: what is taken, and what comes of it."""

import asyncio
import json
from io import BytesIO
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from PIL import Image

from tests.contract.graphs import Graph, blank, node, picture, save
from tests.contract.server import Place, Server, events, new_id, places


async def read_picture(server: Server, file: Place) -> Image.Image:
    answer = await server.http.get("/view", params=file)
    assert answer.status_code == 200
    return Image.open(BytesIO(answer.content))


def prompt_body(server: Server, prompt_id: str) -> bytes:
    body = {"prompt": picture(), "prompt_id": prompt_id, "client_id": server.client_id}
    server.own.append(prompt_id)
    return json.dumps(body).encode()


async def post_and_leave(server: Server, body: bytes, count: int) -> None:
    """Send the first `count` bytes of a prompt's body and hang up without waiting."""
    request = server.http.build_request("POST", "/prompt", content=body)
    lines = [b"POST " + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    address = urlsplit(server.address.url)
    secure = address.scheme == "https"
    _, writer = await asyncio.open_connection(
        address.hostname, address.port or (443 if secure else 80), ssl=secure or None
    )
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body[:count])
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_a_receipt_echoes_the_id_and_gives_a_number(idle: Server) -> None:
    prompt_id = new_id()
    receipt = (await idle.post_prompt(picture(), prompt_id=prompt_id)).json()
    assert (receipt["prompt_id"], receipt["node_errors"]) == (prompt_id, {})
    assert isinstance(receipt["number"], int | float)


async def test_numbers_grow(idle: Server) -> None:
    receipts = [(await idle.post_prompt(picture())).json() for _ in range(3)]
    numbers = [receipt["number"] for receipt in receipts]
    assert numbers == sorted(set(numbers))


async def test_a_prompt_without_an_id_gets_one(idle: Server) -> None:
    answer = await idle.post_body({"prompt": picture(), "client_id": idle.client_id})
    prompt_id = answer.json()["prompt_id"]
    assert str(UUID(prompt_id)) == prompt_id
    assert await idle.finish(prompt_id)


@pytest.mark.parametrize("spelling", ["contract-{}", "{}.1", "urn:uuid:{}"])
async def test_an_id_spelt_otherwise_is_kept_as_it_is_or_refused(
    idle: Server, spelling: str
) -> None:
    prompt_id = spelling.format(new_id())
    answer = await idle.post_prompt(picture(), prompt_id=prompt_id)
    if answer.status_code == 200:
        assert answer.json()["prompt_id"] == prompt_id
        assert await idle.finish(prompt_id)
    else:
        kind = answer.json()["error"]["type"]
        assert (answer.status_code, kind) == (400, "invalid_prompt_id")


async def test_the_same_id_runs_twice_and_the_history_keeps_the_last(idle: Server) -> None:
    prompt_id = new_id()
    first = await idle.render(picture(), prompt_id=prompt_id)
    async with idle.busy():
        await idle.submit(picture(), prompt_id=prompt_id)
        assert places((await idle.entry(prompt_id))["outputs"]["save"]) == first
        await idle.command("/history", {"delete": [prompt_id]})
    entry = await idle.finish(prompt_id)
    assert places(entry["outputs"]["save"]) != first


async def test_unknown_keys_are_ignored(idle: Server) -> None:
    titled = blank() | {"_meta": {"title": "contract"}, "contract": 1}
    titled["inputs"]["contract"] = 1
    graph = {"image": titled, "save": save("image")}
    assert await idle.render(graph, contract={"any": "thing"})


async def test_the_content_type_is_not_looked_at(idle: Server) -> None:
    prompt_id = new_id()
    content = prompt_body(idle, prompt_id)
    answer = await idle.http.post(
        "/prompt", content=content, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 200
    assert await idle.finish(prompt_id)


async def test_literals_are_converted_without_a_word(idle: Server) -> None:
    graph = picture(width="24", height=12.9, batch_size=True)
    (file,) = await idle.render(graph)
    assert (await read_picture(idle, file)).size == (24, 12)


async def test_nodes_that_no_output_needs_are_not_checked(idle: Server) -> None:
    assert await idle.render(picture() | {"stray": blank(width=-5)})


async def test_only_the_wanted_outputs_run(idle: Server) -> None:
    graph = picture() | {"other": save("image")}
    entry = await idle.run(graph, partial_execution_targets=["other"])
    assert ("other" in entry["outputs"], "save" in entry["outputs"]) == (True, False)


async def test_one_good_output_makes_a_success_with_errors(idle: Server) -> None:
    gone = node("LoadImage", image="animatrix-not-here.png")
    answer = await idle.post_prompt(picture() | {"gone": gone, "bad": save("gone")})
    assert (answer.status_code, set(answer.json()["node_errors"])) == (200, {"gone"})
    entry = await idle.finish(answer.json()["prompt_id"])
    assert entry["status"]["status_str"] == "success"
    assert ("save" in entry["outputs"], entry["prompt"][4]) == (True, ["save"])


async def test_saved_pictures_carry_the_graph_and_what_the_job_adds(idle: Server) -> None:
    if "--disable-metadata" in idle.traits.argv:
        pytest.skip("the server writes no metadata")
    graph = picture()
    note = {"attempt": new_id()}
    (file,) = await idle.render(graph, extra_data={"extra_pnginfo": {"animatrix": note}})
    text = (await read_picture(idle, file)).info
    assert json.loads(text["animatrix"]) == note
    assert set(json.loads(text["prompt"])) == set(graph)


@pytest.mark.usefixtures("direct")
async def test_a_prompt_runs_although_its_client_hung_up(idle: Server) -> None:
    prompt_id = new_id()
    body = prompt_body(idle, prompt_id)
    await post_and_leave(idle, body, len(body))
    assert events(await idle.finish(prompt_id))[-1] == "execution_success"


@pytest.mark.usefixtures("direct")
async def test_half_a_prompt_does_not_run(idle: Server) -> None:
    prompt_id = new_id()
    body = prompt_body(idle, prompt_id)
    await post_and_leave(idle, body, len(body) // 2)
    await idle.run(picture())
    assert prompt_id not in (await idle.line()).ids()
    assert await idle.entry(prompt_id) == {}


async def test_a_body_beyond_the_limit_is_413(server: Server) -> None:
    limit = server.traits.max_upload_bytes
    if limit > 4 << 20:
        pytest.skip(f"the limit of {limit} bytes is too large to exceed")
    graph: Graph = {"image": blank(filler="x" * limit)}
    answer = await server.http.post("/prompt", json={"prompt": graph})
    assert (answer.status_code, str(limit) in answer.text) == (413, True)
