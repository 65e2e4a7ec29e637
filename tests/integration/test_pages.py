from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.conftest import Asset, Order, ordering
from tests.media_factory import make_picture
from tests.studio import Studio

LISTS = [("/api/jobs", "job_id"), ("/api/assets", "asset_id")]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def _some_rows(
    studio: Studio, move_body: dict[str, Any], voice: Asset
) -> AsyncIterator[None]:
    async with ordering(studio, move_body) as order:
        for _ in range(5):
            await order()
        yield


async def walk(studio: Studio, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """The pages from the newest row to the oldest."""
    page = await studio.fetch_json(f"{path}?limit={limit}")
    pages = [page["items"]]
    while page["next_cursor"]:
        page = await studio.fetch_json(f"{path}?limit={limit}&cursor={page['next_cursor']}")
        pages.append(page["items"])
    return pages


@pytest.mark.parametrize(("path", "id_field"), LISTS)
@pytest.mark.parametrize("limit", [1, 2, 7, 100])
async def test_pages_hold_every_row_once_newest_first(
    studio: Studio, path: str, id_field: str, limit: int
) -> None:
    pages = await walk(studio, path, limit)
    rows = [(row["created_at"], row[id_field]) for page in pages for row in page]
    whole = [row[id_field] for page in await walk(studio, path, 100) for row in page]
    assert [row_id for _, row_id in rows] == whole
    assert rows == sorted(set(rows), reverse=True)
    assert all(len(page) == limit for page in pages[:-1])
    assert 0 < len(pages[-1]) <= limit


async def test_new_job_moves_no_row_to_another_page(studio: Studio, order: Order) -> None:
    first = await studio.fetch_json("/api/jobs?limit=2")
    whole = (await studio.fetch_json("/api/jobs?limit=4"))["items"]
    newest = await order()
    second = await studio.fetch_json(f"/api/jobs?limit=2&cursor={first['next_cursor']}")
    assert [job["job_id"] for job in second["items"]] == [job["job_id"] for job in whole[2:4]]
    again = await studio.fetch_json("/api/jobs?limit=1")
    assert again["items"][0]["job_id"] == newest["job_id"]


async def test_new_file_leads_the_list(studio: Studio, media: Any) -> None:
    uploaded = await studio.upload("image", make_picture(media / "newest.png", 64, 64))
    page = await studio.fetch_json("/api/assets?limit=1")
    assert page["items"][0]["asset_id"] == uploaded["asset_id"]
