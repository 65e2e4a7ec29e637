"""Latent files of the stand-in: handed over, damaged, cached."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from proto.render import PromptEnd
from services.comfy.latents import count_latents
from tests.unit.comfy.comfy_factory import Bench, Graph, node, served
from tests.unit.comfy.sim_long_factory import (
    CHUNK_LATENTS,
    add_long_media,
    first_chunk,
    hand_over,
    make,
    segment,
)


def resaved(name: str, prefix: str = "again") -> Graph:
    return {
        "load": node("LoadLatent", latent=name),
        "save": node("SaveLatent", samples=["load", 0], filename_prefix=prefix),
    }


async def saved_latent(bench: Bench) -> bytes:
    add_long_media(bench.sim.files.folder("input"))
    return (await make(bench, segment(0))).latent


def cut(content: bytes) -> bytes:
    return content[:-1]


def cut_in_header(content: bytes) -> bytes:
    return content[:40]


def cut_in_length(content: bytes) -> bytes:
    return content[:5]


def emptied(content: bytes) -> bytes:
    return b""


def longer(content: bytes) -> bytes:
    return content + b"x"


def huge_header(content: bytes) -> bytes:
    return b"\xff" * 8 + content[8:]


def garbled_header(content: bytes) -> bytes:
    return content[:8] + b"\x80" * 20 + content[28:]


def renamed_tensor(content: bytes) -> bytes:
    return content.replace(b'"latent_tensor"', b'"somethingelse"')


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        cut_in_header,
        cut_in_length,
        emptied,
        longer,
        huge_header,
        garbled_header,
        renamed_tensor,
    ],
)
async def test_damaged_latent_fails_its_prompt_and_no_other(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    async with served(tmp_path) as bench:
        content = await saved_latent(bench)
        bad = await hand_over(bench, damage(content), "bad.latent")
        outcome = await bench.finish(await bench.submit(resaved(bad)), "save")
        assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "load")
        good = await hand_over(bench, content)
        outcome = await bench.finish(await bench.submit(resaved(good)), "save")
        assert outcome.cause is None


async def test_latent_file_tells_its_length(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_long_media(bench.sim.files.folder("input"))
        path = tmp_path / "part.latent"
        path.write_bytes((await make(bench, first_chunk())).latent)
        assert count_latents(path) == CHUNK_LATENTS
        (length,) = struct.unpack_from("<Q", path.read_bytes())
        header = json.loads(path.read_bytes()[8 : 8 + length])
        assert header["latent_tensor"]["shape"][:2] == [1, 16]


async def test_latent_of_the_same_bytes_is_cached(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        name = await hand_over(bench, await saved_latent(bench))
        await bench.finish(await bench.submit(resaved(name)))
        (bench.sim.files.folder("input") / name).touch()
        outcome = await bench.finish(await bench.submit(resaved(name, "other")), "save")
        assert outcome.cached_nodes == ["load"]


async def test_latent_of_other_bytes_is_read_again(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        name = await hand_over(bench, await saved_latent(bench))
        await bench.finish(await bench.submit(resaved(name)))
        other = (await make(bench, first_chunk())).latent
        (bench.sim.files.folder("input") / name).write_bytes(other)
        outcome = await bench.finish(await bench.submit(resaved(name, "other")), "save")
        assert outcome.cached_nodes == []
        assert count_latents(tmp_path / "output" / "other_00001_.latent") == CHUNK_LATENTS
