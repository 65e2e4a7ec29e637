"""How a graph names the files it loads."""

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from tests.contract.graphs import FOLDER, Graph, blank, node, picture
from tests.contract.server import Server, events, places

SUBFOLDER = f"{FOLDER}/loaders"


def png() -> bytes:
    content = BytesIO()
    Image.new("RGB", (16, 8), "teal").save(content, "PNG")
    return content.getvalue()


def loading(name: str) -> Graph:
    load = node("LoadImage", image=name)
    return {"load": load, "show": node("PreviewImage", images=["load", 0])}


async def assert_loads(server: Server, name: str) -> None:
    assert events(await server.run(loading(name)))[-1] == "execution_success"


@pytest.mark.parametrize("mark", ["", " [input]"])
async def test_an_upload_is_loaded_by_folder_and_name(idle: Server, mark: str) -> None:
    stored = await idle.upload(png(), "a.png", subfolder=SUBFOLDER)
    await assert_loads(idle, f"{stored['subfolder']}/{stored['name']}{mark}")


@pytest.mark.parametrize("mark", ["", " [input]"])
async def test_an_upload_without_a_folder_is_loaded_by_name(idle: Server, mark: str) -> None:
    stored = await idle.upload(png(), f"{FOLDER}.png", subfolder="")
    await assert_loads(idle, f"{stored['name']}{mark}")


async def test_a_saved_picture_is_loaded_from_the_outputs(idle: Server) -> None:
    (file,) = await idle.render(picture())
    await assert_loads(idle, f"{file['subfolder']}/{file['filename']} [output]")


async def test_a_preview_is_loaded_from_the_temporary_files(idle: Server) -> None:
    graph = {"image": blank(), "show": node("PreviewImage", images=["image", 0])}
    (file,) = places((await idle.run(graph))["outputs"]["show"])
    await assert_loads(idle, f"{file['filename']} [temp]")


async def test_without_the_blank_the_name_loses_a_letter(idle: Server) -> None:
    (file,) = await idle.render(picture())
    name = f"{file['subfolder']}/{file['filename']}[output]"
    answer = await idle.post_prompt(loading(name))
    (error,) = answer.json()["node_errors"]["load"]["errors"]
    assert (answer.status_code, error["type"]) == (400, "custom_validation_failed")


async def test_a_file_is_looked_for_when_the_prompt_comes(idle: Server) -> None:
    name = f"{uuid4().hex}.png"
    assert (await idle.post_prompt(loading(f"{SUBFOLDER}/{name}"))).status_code == 400
    await idle.upload(png(), name, subfolder=SUBFOLDER)
    await assert_loads(idle, f"{SUBFOLDER}/{name}")
