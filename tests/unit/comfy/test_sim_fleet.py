"""Stand-ins that differ in what they have."""

from pathlib import Path

import pytest

from tests.unit.comfy.comfy_factory import add_media, move, served


async def test_device_has_the_memory_it_is_given(tmp_path: Path) -> None:
    async with served(tmp_path, vram_gb=12) as bench:
        (device,) = (await bench.get("/system_stats"))["devices"]
        assert device["vram_total"] == device["vram_free"] == 12 << 30


async def test_left_out_model_is_missing_everywhere(tmp_path: Path) -> None:
    async with served(tmp_path, without=("vae.safetensors",)) as bench:
        add_media(bench.sim.files.folder("input"))
        assert await bench.get("/models/vae") == []
        loader = (await bench.get("/object_info/VAELoader"))["VAELoader"]
        assert loader["input"]["required"]["vae_name"][0] == []
        (error,) = (await bench.post(move())).json()["node_errors"]["vae"]["errors"]
        assert error["type"] == "value_not_in_list"


@pytest.mark.parametrize("profile", ["0.3.64", "newer"])
async def test_left_out_class_is_missing_everywhere(tmp_path: Path, profile: str) -> None:
    left_out = ("WanAnimateToVideo",)
    async with served(tmp_path, without_nodes=left_out, profile=profile) as bench:
        add_media(bench.sim.files.folder("input"))
        assert await bench.get("/object_info/WanAnimateToVideo") == {}
        assert "WanAnimateToVideo" not in await bench.get("/object_info")
        answer = await bench.post(move())
        assert (answer.status_code, answer.json()["error"]["details"]) == (
            400,
            "Node ID '#animate'",
        )
