"""What output nodes report, and how their files are called."""

from tests.contract.graphs import FOLDER, blank, new_prefix, node, picture, save
from tests.contract.server import Server, places


async def test_a_saved_picture_is_named_after_its_prefix(idle: Server) -> None:
    prefix = new_prefix()
    folder, _, name = prefix.rpartition("/")
    for number in (1, 2):
        graph = {"image": blank(), "save": save("image", prefix)}
        (file,) = await idle.render(graph)
        assert (file["subfolder"], file["type"]) == (folder, "output")
        assert file["filename"] == f"{name}_{number:05}_.png"


async def test_each_picture_of_a_batch_is_a_file(idle: Server) -> None:
    files = await idle.render(picture(batch_size=3))
    assert len({file["filename"] for file in files}) == 3


async def test_a_prefix_is_filled_in_by_the_server(idle: Server) -> None:
    prefix = f"{new_prefix()}-%width%x%height%"
    (file,) = await idle.render({"image": blank(), "save": save("image", prefix)})
    name = prefix.removeprefix(f"{FOLDER}/").replace("%width%", "16").replace("%height%", "8")
    assert file["filename"] == f"{name}_00001_.png"


async def test_a_preview_is_temporary(idle: Server) -> None:
    graph = {"image": blank(), "show": node("PreviewImage", images=["image", 0])}
    (file,) = places((await idle.run(graph))["outputs"]["show"])
    assert file["type"] == "temp"
    assert (await idle.http.get("/view", params=file)).status_code == 200


async def test_a_video_is_reported_among_the_pictures(idle: Server) -> None:
    video = node("CreateVideo", images=["image", 0], fps=8.0)
    saved = {"filename_prefix": new_prefix(), "format": "auto", "codec": "auto"}
    graph = {
        "image": blank(width=64, height=64, batch_size=4),
        "video": video,
        "save": node("SaveVideo", video=["video", 0], **saved),
    }
    output = (await idle.run(graph))["outputs"]["save"]
    (file,) = places(output)
    assert output["animated"] == [True]
    answer = await idle.http.get("/view", params=file)
    assert (answer.headers["Content-Type"], answer.content[4:8]) == ("video/mp4", b"ftyp")
