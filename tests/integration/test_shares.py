"""Links by which a video is seen without signing in."""

import re
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.local.layout import Layout
from services.store.database import Pool
from tests.integration.conftest import Order
from tests.integration.refusals import check_refusal
from tests.studio import Studio

PROMPT = "Secret <script>alert(1)</script> plan"
FLIPPED = str.maketrans("AB", "BA")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(studio: Studio, move_body: dict[str, Any]) -> str:
    """The id of a finished video whose prompt is nobody's business."""
    body = {**move_body, "prompt": PROMPT, "duration_override_seconds": 0.5}
    job = await studio.create("animate", body)
    await studio.until(job["job_id"], "completed")
    job_id: str = job["job_id"]
    return job_id


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitor(layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    async with httpx.AsyncClient(base_url=layout.url, timeout=60) as client:
        yield client


async def share(studio: Studio, job_id: str, **wanted: Any) -> dict[str, Any]:
    response = await studio.http.post(f"/api/jobs/{job_id}/shares", json=wanted)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def test_link_shows_the_video_to_who_is_not_signed_in(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    link = await share(studio, shown)
    page = await visitor.get(link["url"])
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    video = await visitor.get(f"{link['url']}/video.mp4", follow_redirects=True)
    job = await studio.get(shown)
    assert video.content == await studio.fetch(job["output"]["video_url"])
    still = await visitor.get(f"{link['url']}/poster.jpg", follow_redirects=True)
    assert still.headers["content-type"] == "image/jpeg"


async def test_player_gets_the_part_it_asks_for(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    link = await share(studio, shown)
    part = await visitor.get(
        f"{link['url']}/video.mp4", headers={"Range": "bytes=10-19"}, follow_redirects=True
    )
    assert part.status_code == 206
    assert len(part.content) == 10


async def test_link_works_over_https(studio: Studio, layout: Layout, shown: str) -> None:
    root = layout.data / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    trust = ssl.create_default_context(cafile=str(root))
    link = await share(studio, shown)
    secret = link["url"].rsplit("/", 1)[1]
    async with httpx.AsyncClient(verify=trust) as client:
        url = f"https://localhost:{layout.ports['https']}/s/{secret}"
        page = await client.get(url)
        assert f'content="{url}/video.mp4"' in page.text
        video = await client.get(f"{url}/video.mp4", follow_redirects=True)
    assert video.status_code == 200
    assert video.url.scheme == "https"


async def test_prompt_and_inputs_are_shown_only_where_that_was_chosen(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    plain = await visitor.get((await share(studio, shown))["url"])
    told = plain.text + str(plain.headers)
    assert "Secret" not in told
    assert shown not in told
    assert "local" not in re.sub(r"http://localhost:\d+", "", told)
    open_ = await visitor.get((await share(studio, shown, show_prompt=True))["url"])
    assert "Secret &lt;script&gt;alert(1)&lt;/script&gt; plan" in open_.text
    assert "<script" not in open_.text
    with_inputs = await visitor.get((await share(studio, shown, show_inputs=True))["url"])
    pictures = re.findall(r'<li><img src="([^"]+)"', with_inputs.text)
    assert len(pictures) == 2
    for address in pictures:
        assert (await visitor.get(address.replace("&amp;", "&"))).status_code == 200


async def test_page_is_kept_from_search_engines_and_frames(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    page = await visitor.get((await share(studio, shown))["url"])
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["cache-control"] == "private, no-store"
    [policy] = page.headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_posted_link_has_a_picture_and_gives_nothing_away(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    link = await share(studio, shown)
    page = (await visitor.get(link["url"])).text
    cards = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)"', page))
    assert cards["og:image"] == f"{link['url']}/poster.jpg"
    assert cards["og:video"] == f"{link['url']}/video.mp4"
    found = await visitor.head(cards["og:image"], follow_redirects=False)
    assert found.status_code == 307
    assert PROMPT not in page


async def test_download_is_there_only_where_it_is_allowed(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    shut = await share(studio, shown)
    assert (await visitor.get(f"{shut['url']}/video.mp4?download=1")).status_code == 404
    assert "Download" not in (await visitor.get(shut["url"])).text
    free = await share(studio, shown, allow_download=True)
    file = await visitor.get(f"{free['url']}/video.mp4?download=1", follow_redirects=True)
    assert file.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "forge",
    [
        lambda secret: secret[:-1],
        lambda secret: secret + "A",
        lambda secret: secret.translate(FLIPPED) + "x",
        lambda secret: secret.swapcase(),
        lambda _: "x" * 180,
        lambda _: "%00",
        lambda _: "..%2F..%2Fapi%2Fme",
    ],
)
async def test_forged_link_leads_nowhere(
    studio: Studio, visitor: httpx.AsyncClient, shown: str, forge: Any
) -> None:
    link = await share(studio, shown)
    base, secret = link["url"].rsplit("/", 1)
    for tail in ("", "/video.mp4", "/poster.jpg"):
        answer = await visitor.get(f"{base}/{forge(secret)}{tail}")
        assert answer.status_code in {404, 422}


async def test_ids_that_others_may_know_open_nothing(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    link = await share(studio, shown)
    for name in (link["share_id"], shown, link["hint"]):
        assert (await visitor.get(f"/s/{name}")).status_code == 404


async def test_revoked_and_expired_links_are_like_ones_that_never_were(
    studio: Studio, visitor: httpx.AsyncClient, shown: str, pool: Pool
) -> None:
    revoked, expired = await share(studio, shown), await share(studio, shown, days=1)
    for _ in range(2):
        gone = await studio.http.delete(f"/api/shares/{revoked['share_id']}")
        assert gone.status_code == 204
    await pool.execute(
        "UPDATE shares SET expires_at = clock_timestamp() WHERE share_id = $1", expired["share_id"]
    )
    never = (await visitor.get("/s/never")).text
    for link in (revoked, expired):
        page = await visitor.get(link["url"])
        assert (page.status_code, page.text) == (404, never)
        assert (await visitor.get(f"{link['url']}/video.mp4")).status_code == 404


async def test_deleted_video_takes_its_links_along_and_brings_them_back(
    studio: Studio, visitor: httpx.AsyncClient, order: Order
) -> None:
    job = await order(duration_override_seconds=0.5)
    await studio.until(job["job_id"], "completed")
    link = await share(studio, job["job_id"])
    await studio.http.delete(f"/api/jobs/{job['job_id']}")
    assert (await visitor.get(link["url"])).status_code == 404
    await studio.http.post(f"/api/jobs/{job['job_id']}/restore")
    assert (await visitor.get(link["url"])).status_code == 200


async def test_unfinished_video_is_not_shared(studio: Studio, order: Order) -> None:
    job = await order()
    refused = await studio.http.post(f"/api/jobs/{job['job_id']}/shares", json={})
    assert check_refusal(refused).status == 409


async def test_link_of_a_closed_account_is_closed(
    studio: Studio, visitor: httpx.AsyncClient, shown: str, pool: Pool
) -> None:
    link = await share(studio, shown)
    job = await studio.get(shown)
    close = "UPDATE users SET disabled_at = {} WHERE owner = $1"
    await pool.execute(close.format("clock_timestamp()"), job["submitted_by"])
    try:
        assert (await visitor.get(link["url"])).status_code == 404
    finally:
        await pool.execute(close.format("NULL"), job["submitted_by"])


async def test_views_are_counted_and_links_listed_without_their_secret(
    studio: Studio, visitor: httpx.AsyncClient, shown: str
) -> None:
    link = await share(studio, shown)
    for _ in range(2):
        await visitor.get(link["url"])
    listed = await studio.fetch_json(f"/api/jobs/{shown}/shares")
    [found] = [one for one in listed["items"] if one["share_id"] == link["share_id"]]
    assert found["views"] == 2
    assert link["url"].rsplit("/", 1)[1] not in str(listed)
    assert found["share_id"] in str(await studio.fetch_json("/api/shares?limit=100"))


async def test_video_has_only_so_many_links_at_once(studio: Studio, order: Order) -> None:
    job = await order(duration_override_seconds=0.5)
    await studio.until(job["job_id"], "completed")
    made = [await share(studio, job["job_id"]) for _ in range(20)]
    refused = await studio.http.post(f"/api/jobs/{job['job_id']}/shares", json={})
    assert check_refusal(refused).status == 409
    await studio.http.delete(f"/api/admin/shares/{made[0]['share_id']}")
    await share(studio, job["job_id"])
