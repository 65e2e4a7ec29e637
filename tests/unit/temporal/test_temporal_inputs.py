"""Files shaped for one job serve the next, from a real object store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from proto.ids import new_id
from proto.media import Crop, StoredFile
from services.local.children import settings_of
from services.local.layout import Layout
from services.media.isolation import open_isolation
from services.media.recipe import PictureRecipe
from services.store.objects import ObjectMissing, ObjectStore, UrlSigner
from temporal.activities.inputs import Shaped, shape
from temporal.activities.workbench import Workbench

SQUARE = PictureRecipe(width=64, height=64, crop=None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workbench(objects: ObjectStore, layout: Layout) -> AsyncIterator[Workbench]:
    settings = settings_of(layout)
    async with open_isolation() as isolation:
        signer = UrlSigner.from_settings(settings)
        yield Workbench(objects, isolation, signer)


@pytest.fixture
async def source(objects: ObjectStore, tmp_path: Path) -> StoredFile:
    """A picture that no other test has."""
    name = new_id()
    picture = tmp_path / "source.png"
    image = Image.effect_noise((96, 80), 64)
    image.save(picture)
    return await objects.put_file(f"tests/{name}", picture, "image/png")


async def shaped(
    workbench: Workbench, source: StoredFile, tmp_path: Path, recipe: PictureRecipe = SQUARE
) -> Shaped:
    folder = tmp_path / new_id()
    folder.mkdir()
    return await shape(workbench, source, recipe, folder)


async def size(objects: ObjectStore, file: StoredFile, tmp_path: Path) -> tuple[int, int]:
    with Image.open(await objects.get_stored(file, tmp_path / "stored")) as image:
        return image.size


async def test_what_was_made_once_needs_no_source(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    first = await shaped(workbench, source, tmp_path)
    assert await size(workbench.objects, first.file, tmp_path) == (64, 64)
    await workbench.objects.delete([source.key])
    assert await shaped(workbench, source, tmp_path) == first


async def test_what_was_never_made_needs_its_source(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    await shaped(workbench, source, tmp_path)
    await workbench.objects.delete([source.key])
    cropped = PictureRecipe(width=64, height=64, crop=Crop(width=0.5))
    with pytest.raises(ObjectMissing, match=source.key):
        await shaped(workbench, source, tmp_path, cropped)


async def test_another_source_is_shaped_for_itself(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    first = await shaped(workbench, source, tmp_path)
    path = tmp_path / "other.png"
    Image.new("RGB", (96, 80), "red").save(path)
    other = await workbench.objects.put_file(f"{source.key}-other", path, "image/png")
    assert (await shaped(workbench, other, tmp_path)).file.sha256 != first.file.sha256


async def test_a_vanished_file_is_made_anew(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    first = await shaped(workbench, source, tmp_path)
    await workbench.objects.delete([first.file.key])
    again = await shaped(workbench, source, tmp_path)
    assert await size(workbench.objects, again.file, tmp_path) == (64, 64)


@pytest.mark.parametrize("kept", [0, 100])
async def test_a_corrupted_file_is_made_anew(
    workbench: Workbench, source: StoredFile, tmp_path: Path, kept: int
) -> None:
    first = await shaped(workbench, source, tmp_path)
    whole = await workbench.objects.get_bytes(first.file.key)
    spoilt = whole[:kept] + bytes(len(whole) - kept)
    await workbench.objects.put_bytes(first.file.key, spoilt, "image/png")
    again = await shaped(workbench, source, tmp_path)
    assert await size(workbench.objects, again.file, tmp_path) == (64, 64)


async def test_a_note_nobody_can_read_is_written_anew(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    first = await shaped(workbench, source, tmp_path)
    note = f"inputs/{source.sha256}/{SQUARE.digest}.json"
    assert Shaped.model_validate_json(await workbench.objects.get_bytes(note)) == first
    await workbench.objects.put_bytes(note, b'{"file": ', "application/json")
    assert await shaped(workbench, source, tmp_path) == first
    assert Shaped.model_validate_json(await workbench.objects.get_bytes(note)) == first


async def test_a_source_that_was_changed_is_not_shaped(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    await workbench.objects.put_bytes(source.key, b"another file", "image/png")
    with pytest.raises(ObjectMissing, match=source.sha256):
        await shaped(workbench, source, tmp_path)


async def test_twins_can_both_use_what_they_made(
    workbench: Workbench, source: StoredFile, tmp_path: Path
) -> None:
    twins = await asyncio.gather(*(shaped(workbench, source, tmp_path) for _ in range(3)))
    for twin in twins:
        assert await size(workbench.objects, twin.file, tmp_path) == (64, 64)
    assert await shaped(workbench, source, tmp_path) in twins
