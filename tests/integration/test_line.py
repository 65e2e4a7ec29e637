"""What a waiting job is told of the line before it."""

from typing import Any

from tests.integration.conftest import Order
from tests.studio import Studio, eventually


async def test_waiting_jobs_have_places_counted_from_one(studio: Studio, order: Order) -> None:
    for _ in range(5):
        await order(quality_profile="standard")

    async def line() -> list[int]:
        page = await studio.fetch_json("/api/jobs?limit=5")
        places = [job["queue_position"] for job in page["items"] if job["status"] == "queued"]
        rest = {job["queue_position"] for job in page["items"] if job["status"] != "queued"}
        return places if len(places) >= 3 and rest <= {None} else []

    places = await eventually(line)
    assert sorted(places) == list(range(1, len(places) + 1))


async def test_promise_counts_the_unfinished_jobs(
    studio: Studio, order: Order, move_body: dict[str, Any]
) -> None:
    before = await studio.preview("animate", move_body)
    for _ in range(2):
        await order(quality_profile="standard")
    after = await studio.preview("animate", move_body)
    assert after["queue_position"] == before["queue_position"] + 2


async def test_promise_creates_nothing(studio: Studio, move_body: dict[str, Any]) -> None:
    before = await studio.fetch_json("/api/jobs?limit=1")
    for _ in range(3):
        await studio.preview("animate", move_body)
    assert await studio.fetch_json("/api/jobs?limit=1") == before


async def test_time_is_promised_once_such_a_job_was_made(
    studio: Studio, finished: str, move_body: dict[str, Any]
) -> None:
    promise = await studio.preview("animate", move_body)
    guess = promise["estimated_seconds"]
    assert 0 <= guess["low"] <= guess["high"]
    unmade = move_body | {"quality_profile": "high", "aspect_ratio": "1:1"}
    assert (await studio.preview("animate", unmade))["estimated_seconds"] is None
