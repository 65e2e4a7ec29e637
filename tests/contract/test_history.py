"""/history: how a prompt's end is told."""

import pytest

from tests.contract.graphs import new_prefix, node, picture, save
from tests.contract.server import Server, events, new_id, places


async def test_a_success_has_its_item_outputs_status_and_meta(idle: Server) -> None:
    receipt = (await idle.post_prompt(picture())).json()
    entry = await idle.finish(receipt["prompt_id"])
    assert entry["prompt"][:2] == [receipt["number"], receipt["prompt_id"]]
    assert (entry["prompt"][3]["client_id"], entry["prompt"][4]) == (idle.client_id, ["save"])
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("success", True)
    assert places(entry["outputs"]["save"])
    meta = entry["meta"]["save"]
    names = [meta[key] for key in ("node_id", "display_node", "parent_node", "real_node_id")]
    assert names == ["save", "save", None, "save"]


async def test_a_success_is_told_by_the_last_message(idle: Server) -> None:
    prompt_id = new_id()
    entry = await idle.run(picture(), prompt_id=prompt_id)
    assert events(entry) == ["execution_start", "execution_cached", "execution_success"]
    told = [data for _, data in entry["status"]["messages"]]
    assert {data["prompt_id"] for data in told} == {prompt_id}
    assert told[1]["nodes"] == []
    stamps = [data["timestamp"] for data in told]
    assert stamps == sorted(stamps)


async def test_what_waits_runs_or_is_unknown_has_no_entry_yet(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())
        for prompt_id in (running, waiting, new_id()):
            assert await idle.get(f"/history/{prompt_id}") == {}


async def test_a_node_may_fail_on_what_was_valid(idle: Server) -> None:
    entry = await idle.run(await idle.failing())
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    event, data = entry["status"]["messages"][-1]
    assert (event, data["node_id"], data["node_type"]) == ("execution_error", "load", "LoadImage")
    assert data["exception_message"].endswith("\n")
    assert isinstance(data["exception_type"], str)
    assert all(isinstance(line, str) for line in data["traceback"])
    assert ("save" in entry["outputs"], data["executed"]) == (False, [])


async def test_a_prefix_that_leads_out_of_the_folder_fails_the_run(idle: Server) -> None:
    graph = picture() | {"save": save("image", "../../animatrix-outside")}
    event, data = (await idle.run(graph))["status"]["messages"][-1]
    assert (event, data["node_id"]) == ("execution_error", "save")


async def test_a_failed_run_keeps_what_it_had_saved(idle: Server) -> None:
    scale = {"upscale_method": "bilinear", "width": 8, "height": 8, "crop": "disabled"}
    graph = picture() | {
        "scale": node("ImageScale", image=["image", 0], **scale),
        "outside": save("scale", "../../animatrix-outside"),
    }
    entry = await idle.run(graph)
    event, data = entry["status"]["messages"][-1]
    assert event == "execution_error"
    # The server chooses which of the two outputs it makes first.
    assert ("save" in entry["outputs"]) == ("save" in data["executed"])
    assert "outside" not in entry["outputs"]


async def test_a_window_holds_the_newest_oldest_first(idle: Server) -> None:
    ids = [new_id() for _ in range(3)]
    for prompt_id in ids:
        await idle.run(picture(), prompt_id=prompt_id)
    assert list(await idle.get("/history", max_items=2)) == ids[1:]


async def test_an_id_that_ran_again_keeps_its_old_place(idle: Server) -> None:
    ids = [new_id() for _ in range(2)]
    for prompt_id in ids:
        await idle.run(picture(), prompt_id=prompt_id)
    again = new_prefix()
    await idle.submit(picture() | {"save": save("image", again)}, prompt_id=ids[0])
    await idle.run(picture())
    found = await idle.get("/history", max_items=3)
    assert list(found)[:2] == ids
    (file,) = places(found[ids[0]]["outputs"]["save"])
    assert again == f"{file['subfolder']}/{file['filename'].rpartition('_00001_')[0]}"


@pytest.mark.parametrize("query", [{"max_items": "some"}, {"offset": "some"}])
async def test_a_window_of_no_number_is_a_server_error(
    server: Server, query: dict[str, str]
) -> None:
    assert (await server.http.get("/history", params=query)).status_code == 500


async def test_a_deleted_entry_is_gone_and_its_files_stay(idle: Server) -> None:
    prompt_id = new_id()
    (file,) = await idle.render(picture(), prompt_id=prompt_id)
    await idle.command("/history", {"delete": [prompt_id]})
    assert await idle.get(f"/history/{prompt_id}") == {}
    assert (await idle.http.get("/view", params=file)).status_code == 200
