"""What the server does not make again."""

import pytest

from tests.contract.graphs import Graph, picture, save
from tests.contract.patience import until
from tests.contract.server import Entry, Server, places


@pytest.fixture(autouse=True)
def caching(idle: Server) -> None:
    if "--cache-none" in idle.traits.argv:
        pytest.skip("the server was started without a cache")


def cached_nodes(entry: Entry) -> set[str]:
    messages = dict(entry["status"]["messages"])
    return set(messages["execution_cached"]["nodes"])


def renamed(graph: Graph) -> Graph:
    other = {**graph["save"], "inputs": {**graph["save"]["inputs"], "images": ["source", 0]}}
    return {"source": graph["image"], "target": other}


async def test_the_same_graph_reports_the_file_it_made_before(idle: Server) -> None:
    graph = picture()
    first, second = await idle.run(graph), await idle.run(graph)
    assert places(second["outputs"]["save"]) == places(first["outputs"]["save"])
    assert (cached_nodes(first), cached_nodes(second)) == (set(), set(graph))


async def test_the_names_of_nodes_do_not_matter(idle: Server) -> None:
    graph = picture()
    files = await idle.render(graph)
    entry = await idle.run(renamed(graph))
    assert places(entry["outputs"]["target"]) == files


async def test_what_a_job_adds_to_its_files_does_not_matter(idle: Server) -> None:
    graph = picture()
    first = await idle.render(graph, extra_data={"extra_pnginfo": {"animatrix": 1}})
    second = await idle.render(graph, extra_data={"extra_pnginfo": {"animatrix": 2}})
    assert second == first


async def test_another_prefix_makes_another_file_of_the_same_picture(idle: Server) -> None:
    graph = picture()
    first = await idle.render(graph)
    entry = await idle.run({**graph, "save": save("image")})
    assert places(entry["outputs"]["save"]) != first
    assert cached_nodes(entry) == {"image"}


async def test_equal_output_nodes_report_one_file(idle: Server) -> None:
    graph = picture()
    outputs = (await idle.run({**graph, "twin": graph["save"]}))["outputs"]
    assert places(outputs["twin"]) == places(outputs["save"])


@pytest.mark.usefixtures("may_free")
async def test_a_freed_server_makes_the_file_again(idle: Server) -> None:
    graph = picture()
    first = await idle.render(graph)

    async def made_again() -> bool:
        # The wish is granted between two prompts, and the next one may come before it.
        await idle.command("/free", {"free_memory": True, "unload_models": False})
        return await idle.render(graph) != first

    assert await until(made_again)
