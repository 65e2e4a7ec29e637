"""One origin for page, API and media; media only by signed address."""

import ssl
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import signed_in
from tests.integration.conftest import Asset
from tests.studio import Studio


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def https(stack: Stack, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that trusts the ingress's own authority, and no other."""
    root = layout.data / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    trust = ssl.create_default_context(cafile=str(root))
    url = f"https://localhost:{layout.ports['https']}"
    async with signed_in(layout, base_url=url, verify=trust) as client:
        yield client


async def test_part_of_a_file_can_be_asked_for(studio: Studio, clip: Asset) -> None:
    whole = await studio.fetch(clip["storage_url"])
    response = await studio.http.get(clip["storage_url"], headers={"Range": "bytes=100-299"})
    assert response.status_code == 206
    assert response.content == whole[100:300]
    assert response.headers["content-range"] == f"bytes 100-299/{len(whole)}"


async def test_player_is_told_what_it_gets(studio: Studio, clip: Asset) -> None:
    response = await studio.http.get(clip["proxy_url"], headers={"Range": "bytes=0-"})
    assert response.headers["content-type"] == "video/mp4"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_address_without_signature_is_forbidden(studio: Studio, clip: Asset) -> None:
    address = clip["storage_url"].partition("?")[0]
    assert (await studio.http.get(address)).status_code == 403


@pytest.mark.parametrize("part", ["X-Amz-Signature", "X-Amz-Expires", "X-Amz-SignedHeaders"])
async def test_tampered_signature_is_forbidden(studio: Studio, clip: Asset, part: str) -> None:
    url = httpx.URL(clip["storage_url"])
    value = url.params[part]
    changed = value[:-1] + ("1" if value[-1] != "1" else "2")
    response = await studio.http.get(url.copy_set_param(part, changed))
    assert response.status_code == 403


async def test_signature_of_one_file_opens_no_other(
    studio: Studio, clip: Asset, character: Asset
) -> None:
    signed, other = httpx.URL(clip["storage_url"]), httpx.URL(character["storage_url"])
    response = await studio.http.get(signed.copy_with(path=other.path))
    assert response.status_code == 403


async def test_store_lists_nothing(studio: Studio, clip: Asset) -> None:
    for path in ("/media", "/media/", "/media/uploads/", "/media/?list-type=2"):
        response = await studio.http.get(path)
        assert clip["asset_id"] not in response.text, path


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
async def test_media_can_only_be_read(studio: Studio, clip: Asset, method: str) -> None:
    before = await studio.fetch(clip["storage_url"])
    response = await studio.http.request(method, clip["storage_url"], content=b"x")
    assert response.status_code == 405
    assert await studio.fetch(clip["storage_url"]) == before


async def test_page_api_and_media_are_served_over_https(
    https: httpx.AsyncClient, clip: Asset
) -> None:
    page = await https.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    asset = await https.get(f"/api/assets/{clip['asset_id']}")
    assert asset.status_code == 200
    url = asset.json()["storage_url"]
    assert url.startswith(str(https.base_url))
    part = await https.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.headers["content-range"][:12]) == (206, "bytes 10-19/")
    assert part.content == (await https.get(url)).content[10:20]


async def test_page_may_load_only_its_own(studio: Studio) -> None:
    page = await studio.http.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/api/jobs", "/healthz", "/media/x", "/some/view"])
async def test_every_answer_forbids_guessing_its_type(studio: Studio, path: str) -> None:
    response = await studio.http.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "server" not in response.headers


async def test_address_of_a_view_opens_the_page(studio: Studio) -> None:
    page, view = await studio.http.get("/"), await studio.http.get("/jobs/some-job")
    assert (view.status_code, view.content) == (200, page.content)


async def test_services_say_that_they_are_ready(studio: Studio) -> None:
    assert await studio.fetch_json("/healthz") == {"status": "ok"}
    ready = await studio.fetch_json("/readyz")
    assert ready == {"ready": True, "checks": dict.fromkeys(ready["checks"], "ok")}
