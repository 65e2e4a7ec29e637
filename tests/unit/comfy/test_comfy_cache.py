from pathlib import Path

from PIL import Image

from tests.unit.comfy.comfy_factory import add_media, move, node, served, still


async def test_same_graph_again_reports_the_old_file(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        first = await bench.finish(await bench.submit(still()), "save")
        second = await bench.finish(await bench.submit(still()), "save")
        assert second.files == first.files
        assert (first.cached_nodes, sorted(second.cached_nodes)) == ([], ["image", "save"])


async def test_new_prefix_makes_a_new_file_of_cached_nodes(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still("one")))
        second = await bench.finish(await bench.submit(still("two")), "save")
        assert second.cached_nodes == ["image"]
        assert second.files["save"][0].filename == "two_00001_.png"


async def test_other_job_between_evicts_what_it_does_not_share(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        for colour in (1, 2, 1):
            outcome = await bench.finish(await bench.submit(still(colour=colour)), "save")
        assert outcome.cached_nodes == []
        assert outcome.files["save"][0].filename == "still_00003_.png"


async def test_renumbered_graph_is_still_cached(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still()))
        renamed = {
            "9": still()["image"],
            "save": node("SaveImage", images=["9", 0], filename_prefix="still"),
        }
        outcome = await bench.finish(await bench.submit(renamed), "save")
        assert sorted(outcome.cached_nodes) == ["9", "save"]


async def test_freed_memory_drops_the_cache(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still()))
        await bench.comfy.post("/free", {"free_memory": True})
        outcome = await bench.finish(await bench.submit(still()), "save")
        assert outcome.files["save"][0].filename == "still_00002_.png"


async def test_replaced_input_is_read_again(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        inputs = bench.sim.files.folder("input")
        add_media(inputs)
        await bench.render(move())
        Image.new("RGB", (8, 8)).save(inputs / "picture.png")
        outcome = await bench.finish(await bench.submit(move()), "save")
        assert "motion" in outcome.cached_nodes
        assert not {"picture", "animate", "save"} & set(outcome.cached_nodes)


async def test_name_of_a_deleted_file_is_given_again(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still(colour=1)))
        (tmp_path / "output" / "still_00001_.png").unlink()
        outcome = await bench.finish(await bench.submit(still(colour=2)), "save")
        assert outcome.files["save"][0].filename == "still_00001_.png"


async def test_two_equal_saves_share_one_file(tmp_path: Path) -> None:
    graph = still() | {"twin": still()["save"]}
    async with served(tmp_path) as bench:
        outcome = await bench.finish(await bench.submit(graph), "save", "twin")
        assert outcome.files["save"] == outcome.files["twin"]
