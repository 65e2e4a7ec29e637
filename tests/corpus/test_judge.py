"""What the corpus would miss if its judge or its canary slept."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps

from tests.corpus.canary import open_canary
from tests.corpus.case import IMAGE, Accepted, Case, Expected, Refused
from tests.corpus.judge import asset_flaws, thumbnail_flaws
from tests.corpus.kitchen import drawn
from tests.corpus.valid.picture import packed
from tests.studio import eventually


def case_of(expected: Expected) -> Case:
    return Case("picture/any", IMAGE, "any.png", lambda _: b"", expected)


def asset(**changes: Any) -> dict[str, Any]:
    told = {"original_filename": "any.png", "width": 120, "height": 80, "codec": "png"}
    return told | {"duration_seconds": None} | changes


def test_hostile_file_that_is_accepted_is_wrong() -> None:
    assert list(asset_flaws(case_of(Refused()), asset()))


@pytest.mark.parametrize("told", [{"width": 121}, {"duration_seconds": 1.2}, {"codec": "jpeg"}])
def test_fact_that_is_not_so_is_wrong(told: dict[str, Any]) -> None:
    facts = {"width": 120, "duration_seconds": 1.0, "codec": "png"}
    right = asset(duration_seconds=1.04)
    assert list(asset_flaws(case_of(Accepted(facts)), right)) == []
    assert list(asset_flaws(case_of(Accepted(facts)), right | told))


@pytest.mark.parametrize("name", ["a/b.png", "\u202ea.png", "a\0.png", "x" * 200])
def test_name_that_is_not_fit_to_show_is_wrong(name: str) -> None:
    assert list(asset_flaws(case_of(Accepted()), asset(original_filename=name)))


def test_thumbnail_that_is_mirrored_or_squeezed_is_wrong() -> None:
    right, case, facts = drawn(120, 80), case_of(Accepted(marked=True)), asset()
    assert list(thumbnail_flaws(case, facts, packed(right, "JPEG"))) == []
    for wrong in (ImageOps.mirror(right), ImageOps.flip(right), right.resize((80, 80))):
        assert list(thumbnail_flaws(case, facts, packed(wrong, "JPEG")))


async def test_canary_notices_a_reader_and_a_visitor(tmp_path: Path) -> None:
    async with open_canary(tmp_path) as watch:
        assert watch.visits() == []
        watch.canary.path.read_bytes()
        assert len(watch.visits()) == 1
        port = int(watch.canary.url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()

        async def noticed() -> bool:
            return bool(watch.connections)

        await eventually(noticed)
        assert watch.visits() == watch.connections
