"""Latents that leave the server and come back, as a video made in several prompts needs them."""

import json
import math
import struct
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.graphs import FOLDER, Graph, blank, new_prefix, node, picture
from tests.contract.server import PLACE, Entry, Place, Server, events

SUBFOLDER = f"{FOLDER}/latents"


def latent(frames: int) -> bytes:
    """A file as SaveLatent writes it, of frames of 16 x 16."""
    shape = [1, 16, frames, 2, 2]
    size = 4 * math.prod(shape)
    header = {
        "latent_tensor": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]},
        "latent_format_version_0": {"dtype": "F32", "shape": [0], "data_offsets": [size, size]},
    }
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    return struct.pack("<Q", len(encoded)) + encoded + bytes(size)


def shape_of(content: bytes) -> list[int]:
    (length,) = struct.unpack_from("<Q", content)
    shape: list[int] = json.loads(content[8 : 8 + length])["latent_tensor"]["shape"]
    return shape


async def store(server: Server, content: bytes, **fields: str) -> str:
    """Upload it under a new name, and give what LoadLatent knows it by."""
    given = {"name": f"{uuid4().hex}.latent", "subfolder": SUBFOLDER, **fields}
    stored = await server.upload(content, **given)
    return f"{stored['subfolder']}/{stored['name']}"


def resave(name: str) -> Graph:
    return {"load": node("LoadLatent", latent=name), "save": save("load")}


def save(source: str) -> dict[str, Any]:
    return node("SaveLatent", samples=[source, 0], filename_prefix=new_prefix())


def place(entry: Entry) -> Place:
    assert events(entry)[-1] == "execution_success"
    (file,) = entry["outputs"]["save"]["latents"]
    return {key: file[key] for key in PLACE}


async def fetch(server: Server, entry: Entry) -> bytes:
    answer = await server.http.get("/view", params=place(entry))
    assert answer.status_code == 200
    return answer.content


async def frames_of(server: Server, graph: Graph) -> int:
    return shape_of(await fetch(server, await server.run(graph)))[2]


async def test_a_saved_latent_is_fetched_uploaded_and_loaded(idle: Server) -> None:
    empty = node("EmptyLatentImage", width=64, height=64, batch_size=1)
    saved = await fetch(idle, await idle.run({"empty": empty, "save": save("empty")}))
    again = await fetch(idle, await idle.run(resave(await store(idle, saved))))
    assert shape_of(again) == shape_of(saved)


async def test_a_latent_keeps_its_frames_through_the_server(idle: Server) -> None:
    content = await fetch(idle, await idle.run(resave(await store(idle, latent(3)))))
    assert shape_of(content)[:3] == [1, 16, 3]


async def test_a_saved_latent_is_named_after_its_prefix(idle: Server) -> None:
    graph = resave(await store(idle, latent(1)))
    folder, _, name = graph["save"]["inputs"]["filename_prefix"].rpartition("/")
    file = place(await idle.run(graph))
    assert file == {"filename": f"{name}_00001_.latent", "subfolder": folder, "type": "output"}


async def test_a_saved_latent_is_loaded_from_the_outputs(idle: Server) -> None:
    file = place(await idle.run(resave(await store(idle, latent(3)))))
    name = f"{file['subfolder']}/{file['filename']} [output]"
    assert await frames_of(idle, resave(name)) == 3


@pytest.mark.parametrize(
    ("index", "amount", "frames"), [(0, 2, 2), (-2, 2, 2), (2, 5, 1), (-1, 5, 1), (9, 1, 1)]
)
async def test_a_latent_is_cut_in_time(idle: Server, index: int, amount: int, frames: int) -> None:
    cut = node("LatentCut", samples=["load", 0], dim="t", index=index, amount=amount)
    graph = {**resave(await store(idle, latent(3))), "cut": cut, "save": save("cut")}
    assert await frames_of(idle, graph) == frames


async def test_latents_are_joined_in_time(idle: Server) -> None:
    longer = node("LatentConcat", samples1=["load", 0], samples2=["load", 0], dim="t")
    graph = {**resave(await store(idle, latent(3))), "longer": longer, "save": save("longer")}
    assert await frames_of(idle, graph) == 6


async def test_a_missing_latent_is_refused(idle: Server) -> None:
    name = f"{SUBFOLDER}/{uuid4().hex}.latent"
    answer = await idle.post_prompt(resave(name))
    (error,) = answer.json()["node_errors"]["load"]["errors"]
    assert (answer.status_code, error["type"]) == (400, "custom_validation_failed")
    assert name in error["details"]


@pytest.mark.parametrize("kept", [0, 5, 60, -1])
async def test_a_latent_that_is_cut_off_fails_when_it_is_loaded(idle: Server, kept: int) -> None:
    entry = await idle.run(resave(await store(idle, latent(3)[:kept])))
    event, failure = entry["status"]["messages"][-1]
    assert (event, failure["node_id"]) == ("execution_error", "load")
    assert await frames_of(idle, resave(await store(idle, latent(2)))) == 2


async def test_a_latent_is_cached_by_its_bytes(idle: Server) -> None:
    if "--cache-none" in idle.traits.argv:
        pytest.skip("the server was started without a cache")
    name = await store(idle, latent(3))
    await idle.run(resave(name))
    for content, cached in [(latent(3), True), (latent(2), False)]:
        await store(idle, content, name=name.rpartition("/")[2], overwrite="true")
        entry = await idle.run(resave(name))
        assert ("load" in dict(entry["status"]["messages"])["execution_cached"]["nodes"]) == cached


async def test_a_saved_video_is_loaded_from_the_outputs(idle: Server) -> None:
    target = {"filename_prefix": new_prefix(), "format": "auto", "codec": "auto"}
    video = {
        "image": blank(width=64, height=64, batch_size=4),
        "video": node("CreateVideo", images=["image", 0], fps=8.0),
        "save": node("SaveVideo", video=["video", 0], **target),
    }
    (file,) = await idle.render(video)
    name = f"{file['subfolder']}/{file['filename']} [output]"
    load = {
        "load": node("LoadVideo", file=name),
        "image": node("GetVideoComponents", video=["load", 0]),
        "save": picture()["save"],
    }
    assert len(await idle.render(load)) == 4


async def test_masks_are_saved_as_a_picture_each(idle: Server) -> None:
    graph = {
        "white": blank(batch_size=3, color=0xFFFFFF),
        "mask": node("ImageToMask", image=["white", 0], channel="red"),
        "image": node("MaskToImage", mask=["mask", 0]),
        "save": picture()["save"],
    }
    assert len(await idle.render(graph)) == 3
