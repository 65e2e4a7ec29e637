"""Events reach a reader in order, without gaps, from wherever it left off."""

import asyncio
from contextlib import aclosing
from itertools import pairwise

import pytest

from proto.errors import ErrorCode
from tests.integration.conftest import Order
from tests.integration.refusals import check_refusal
from tests.studio import Message, Studio

TERMINAL_EVENT = "completed"


async def test_job_stream_opens_with_the_newest_number(studio: Studio, finished: str) -> None:
    hello, *events = await studio.messages(f"/api/jobs/{finished}/stream")
    job = await studio.get(finished)
    assert (hello.event, hello.id, hello.data) == ("hello", "0", {"last_id": job["rev"]})
    assert events[-1].id == str(job["rev"])


async def test_job_stream_has_no_gap_and_ends_with_the_job(studio: Studio, finished: str) -> None:
    _, *events = await studio.messages(f"/api/jobs/{finished}/stream")
    assert [event.id for event in events] == [str(number + 1) for number in range(len(events))]
    assert [event.data["rev"] for event in events] == list(range(1, len(events) + 1))
    assert [event.event for event in events].index(TERMINAL_EVENT) == len(events) - 1


async def test_progress_never_falls(studio: Studio, finished: str) -> None:
    _, *events = await studio.messages(f"/api/jobs/{finished}/stream")
    told = [event.data["progress"] for event in events]
    assert all(before <= after for before, after in pairwise(told))
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(set(told)) > 4


async def test_listed_events_are_the_streamed_ones(studio: Studio, finished: str) -> None:
    _, *events = await studio.messages(f"/api/jobs/{finished}/stream")
    page = await studio.fetch_json(f"/api/jobs/{finished}/events")
    assert page["items"] == [event.data for event in events]
    rest = await studio.fetch_json(f"/api/jobs/{finished}/events?after=2&limit=3")
    assert [event["rev"] for event in rest["items"]] == [3, 4, 5]


async def test_job_stream_resumes_after_the_last_event_seen(studio: Studio, finished: str) -> None:
    path = f"/api/jobs/{finished}/stream"
    _, *events = await studio.messages(path)
    by_header = await studio.messages(path, **{"Last-Event-ID": "3"})
    by_query = await studio.messages(f"{path}?after=3")
    assert by_header == by_query
    assert by_header[0].event == "hello"
    assert by_header[1:] == events[3:]


async def test_header_of_a_reconnect_beats_its_address(studio: Studio, finished: str) -> None:
    path = f"/api/jobs/{finished}/stream"
    newest = len(await studio.messages(path)) - 1
    resumed = await studio.messages(f"{path}?after=1", **{"Last-Event-ID": str(newest - 1)})
    assert [message.event for message in resumed] == ["hello", TERMINAL_EVENT]


async def test_stream_of_what_was_all_seen_ends_at_once(studio: Studio, finished: str) -> None:
    newest = (await studio.get(finished))["rev"]
    messages = await studio.messages(f"/api/jobs/{finished}/stream?after={newest}")
    assert [message.event for message in messages] == ["hello"]


async def test_stream_asked_for_the_future_still_ends_with_the_job(
    studio: Studio, order: Order
) -> None:
    job = await order(duration_override_seconds=0.5)
    messages = await studio.messages(f"/api/jobs/{job['job_id']}/stream?after=500")
    assert messages[-1].event == TERMINAL_EVENT


@pytest.mark.parametrize("after", ["-1", "x", "99999999999", "9" * 24])
@pytest.mark.parametrize("what", ["events", "stream"])
async def test_number_that_no_event_has_is_refused(
    studio: Studio, finished: str, what: str, after: str
) -> None:
    response = await studio.http.get(f"/api/jobs/{finished}/{what}?after={after}")
    problem = check_refusal(response)
    assert (problem.code, problem.field) == (ErrorCode.INVALID_REQUEST, "after")


async def test_reader_who_reconnects_all_the_time_misses_nothing(
    studio: Studio, order: Order
) -> None:
    job = await order()
    seen: list[Message] = []
    while not seen or seen[-1].event != TERMINAL_EVENT:
        after = seen[-1].id if seen else "0"
        async with aclosing(studio.follow(f"/api/jobs/{job['job_id']}/stream?after={after}")) as it:
            assert (await anext(it)).event == "hello"
            seen.append(await anext(it))
    _, *whole = await studio.messages(f"/api/jobs/{job['job_id']}/stream")
    assert seen == whole


async def test_two_readers_are_told_the_same(studio: Studio, order: Order) -> None:
    path = f"/api/jobs/{(await order())['job_id']}/stream"
    one, other = await asyncio.gather(studio.messages(path), studio.messages(path))
    assert one[1:] == other[1:]


async def test_one_stream_carries_all_jobs_in_one_order(studio: Studio, order: Order) -> None:
    events: list[Message] = []
    async with aclosing(studio.follow("/api/events")) as messages:
        hello = await anext(messages)
        running = {(await order())["job_id"] for _ in range(2)}
        jobs = set(running)
        while running:
            events.append(await anext(messages))
            if events[-1].event == TERMINAL_EVENT:
                running.remove(events[-1].data["job_id"])
    start = hello.data["last_id"] + 1
    assert [int(event.id or 0) for event in events] == list(range(start, start + len(events)))
    for job_id in jobs:
        revs = [event.data["rev"] for event in events if event.data["job_id"] == job_id]
        assert revs == list(range(1, len(revs) + 1))


async def test_stream_of_all_jobs_resumes_after_the_last_event_seen(
    studio: Studio, finished: str
) -> None:
    _, first, *_ = await studio.messages(f"/api/jobs/{finished}/stream")
    before = first.data["position"] - 1
    for path, headers in (
        (f"/api/events?after={before}", {}),
        ("/api/events", {"Last-Event-ID": str(before)}),
    ):
        async with aclosing(studio.follow(path, **headers)) as messages:
            hello, event = await anext(messages), await anext(messages)
        assert (hello.event, hello.id) == ("hello", str(before))
        assert (event.id, event.data) == (str(before + 1), first.data)
