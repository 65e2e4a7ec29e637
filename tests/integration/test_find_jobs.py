"""Lists hold what was asked for, page by page, whatever was typed."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from tests.integration.conftest import Asset, ordering
from tests.integration.refusals import check_refusal
from tests.studio import Studio

TAG = f"t{uuid4().hex[:10]}"
PROMPTS = {
    "sure": f"{TAG} A dancer waves, 100% sure",
    "thousand": f"{TAG} 1000 dancers",
    "snake": f"{TAG} snake_case in C:\\films\\new",
    "street": f"{TAG} snakeXcase on the HAUPTSTRASSE, Ünïcode",
    "quoted": f"{TAG} 'hello' \"there\"; DROP TABLE jobs -- \U0001f483",
}
MIX = {"snake", "street"}
STOPPED = {"sure", "snake"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shelf(
    studio: Studio, move_body: dict[str, Any], voice: Asset
) -> AsyncIterator[dict[str, str]]:
    """The ids of jobs, oldest first, by the names of their prompts."""
    ids = {}
    async with ordering(studio, move_body) as order:
        for name, prompt in PROMPTS.items():
            if name != "quoted":
                submode = "mix" if name in MIX else "move"
                ids[name] = (await order(prompt=prompt, animate_submode=submode))["job_id"]
        ids["quoted"] = await sing(studio, move_body, voice)
        for name in STOPPED:
            await studio.stop(ids[name])
        yield ids
        await studio.stop(ids["quoted"])


async def sing(studio: Studio, move_body: dict[str, Any], voice: Asset) -> str:
    body = {name: move_body[name] for name in ("quality_profile", "ground_truth_asset_id")}
    body |= {"prompt": PROMPTS["quoted"], "audio_asset_id": voice["asset_id"]}
    job_id: str = (await studio.create("audio-performance", body))["job_id"]
    return job_id


async def ask(studio: Studio, **params: Any) -> httpx.Response:
    return await studio.http.get("/api/jobs", params=params)


async def found(studio: Studio, shelf: dict[str, str], **params: Any) -> list[str]:
    """The names of the jobs on the page, in its order."""
    answer = await ask(studio, **({"limit": 100} | params))
    assert answer.status_code == 200, answer.text
    names = {job_id: name for name, job_id in shelf.items()}
    return [names[job["job_id"]] for job in answer.json()["items"] if job["job_id"] in names]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("", ["quoted", "street", "snake", "thousand", "sure"]),
        ("dancer", ["thousand", "sure"]),
        ("DANC", ["thousand", "sure"]),
        ("ancer", ["thousand", "sure"]),
        ("waves dancer", ["sure"]),
        ("waves snake", []),
        ("100%", ["sure"]),
        ("%", ["sure"]),
        ("snake_case", ["snake"]),
        ("_", ["snake"]),
        ("films\\new", ["snake"]),
        ("\\", ["snake"]),
        ("hauptstraße", ["street"]),
        ("ÜNÏ", ["street"]),
        ("u\u0308ni\u0308code", ["street"]),
        ("'hello'", ["quoted"]),
        ('"there";', ["quoted"]),
        ("\U0001f483", ["quoted"]),
        ("x", ["street"]),
    ],
)
async def test_every_word_is_part_of_the_prompt(
    studio: Studio, shelf: dict[str, str], search: str, names: list[str]
) -> None:
    page = await ask(studio, search=f"{TAG} {search}", limit=100)
    assert page.status_code == 200, page.text
    assert [job["prompt"] for job in page.json()["items"]] == [PROMPTS[name] for name in names]


async def test_words_alone_are_searched_among_all_prompts(
    studio: Studio, shelf: dict[str, str]
) -> None:
    assert await found(studio, shelf, search="hauptstr") == ["street"]
    assert await found(studio, shelf, search="xc") == ["street"]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"mode": "animate"}, ["street", "snake", "thousand", "sure"]),
        ({"mode": "audio-performance"}, ["quoted"]),
        ({"submode": "mix"}, ["street", "snake"]),
        ({"mode": "animate", "submode": "move"}, ["thousand", "sure"]),
        ({"mode": "audio-performance", "submode": "mix"}, []),
        ({"status": "cancelled"}, ["snake", "sure"]),
        ({"status": ["cancelled", "failed"], "submode": "mix"}, ["snake"]),
        ({"search": "dancer", "status": "cancelled"}, ["sure"]),
        ({"search": "snake", "mode": "audio-performance"}, []),
    ],
)
async def test_filters_narrow_the_list_together(
    studio: Studio, shelf: dict[str, str], params: dict[str, Any], names: list[str]
) -> None:
    assert await found(studio, shelf, **params) == names


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize(
    "params", [{"search": TAG}, {"mode": "animate"}, {"status": ["cancelled", "completed"]}]
)
async def test_pages_of_a_narrowed_list_hold_every_job_once(
    studio: Studio, shelf: dict[str, str], params: dict[str, Any], limit: int
) -> None:
    whole = [job["job_id"] for page in await walk(studio, 100, **params) for job in page]
    pages = await walk(studio, limit, **params)
    assert [job["job_id"] for page in pages for job in page] == whole
    assert all(len(page) == limit for page in pages[:-1])


async def walk(studio: Studio, limit: int, **params: Any) -> list[list[dict[str, Any]]]:
    """The pages from the newest job to the oldest."""
    page = (await ask(studio, limit=limit, **params)).json()
    pages = [page["items"]]
    while page["next_cursor"]:
        page = (await ask(studio, limit=limit, cursor=page["next_cursor"], **params)).json()
        pages.append(page["items"])
    return pages


async def test_new_job_moves_no_row_of_a_narrowed_list(
    studio: Studio, shelf: dict[str, str], move_body: dict[str, Any]
) -> None:
    first = (await ask(studio, search=TAG, limit=2)).json()
    new = await studio.create("animate", move_body | {"prompt": f"{TAG} comes later"})
    second = (await ask(studio, search=TAG, limit=2, cursor=first["next_cursor"])).json()
    expected = [shelf["snake"], shelf["thousand"]]
    assert [job["job_id"] for job in second["items"]] == expected
    await studio.stop(new["job_id"])
    response = await studio.http.delete(f"/api/jobs/{new['job_id']}")
    assert response.status_code == 204
    assert await found(studio, shelf, search="later") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("search", ""),
        ("search", "   "),
        ("search", "\x1c"),
        ("search", "a\x00b"),
        ("search", "x" * 201),
        ("mode", "walking"),
        ("submode", "Mix"),
        ("status", "done"),
    ],
)
async def test_what_no_list_can_be_about_is_refused(studio: Studio, field: str, value: str) -> None:
    problem = check_refusal(await ask(studio, **{field: value}))
    assert problem.status == 422
    assert (problem.field or "").startswith(field)


async def test_list_of_another_owner_is_not_searched(
    studio: Studio, shelf: dict[str, str], pool: Any
) -> None:
    give = "UPDATE {} SET owner = $2 WHERE job_id = $1"
    tables = ("jobs", "job_texts")
    for table in tables:
        await pool.execute(give.format(table), shelf["sure"], "somebody else")
    for params in ({"search": TAG}, {"status": "cancelled"}, {}):
        assert "sure" not in await found(studio, shelf, **params)
    for table in tables:
        await pool.execute(give.format(table), shelf["sure"], "local")
    assert "sure" in await found(studio, shelf, search=TAG)
