import asyncio

from proto.errors import ErrorCode
from services.store.database import Pool
from tests.integration.conftest import Asset, Order
from tests.integration.refusals import check_refusal
from tests.studio import Studio, new_key


async def test_same_key_and_body_give_the_same_job(studio: Studio, order: Order) -> None:
    key = new_key()
    first = await order(idempotency_key=key)
    again = await order(idempotency_key=key)
    assert again["job_id"] == first["job_id"]
    assert again["seed"] == first["seed"]


async def test_twenty_at_once_give_one_job(order: Order, pool: Pool) -> None:
    before = await pool.fetchval("SELECT count(*) FROM jobs")
    key = new_key()
    made = await asyncio.gather(*(order(idempotency_key=key) for _ in range(20)))
    assert len({job["job_id"] for job in made}) == 1
    assert await pool.fetchval("SELECT count(*) FROM jobs") == before + 1


async def test_same_key_for_another_body_is_refused(studio: Studio, order: Order) -> None:
    key = new_key()
    job = await order(idempotency_key=key)
    body = {**job["settings_json"], "prompt": "Something else"}
    response = await studio.http.post(
        "/api/jobs/animate", json=body, headers={"Idempotency-Key": key}
    )
    problem = check_refusal(response)
    assert (problem.status, problem.code) == (409, ErrorCode.IDEMPOTENCY_CONFLICT)


async def test_same_key_in_another_mode_is_refused(
    studio: Studio, order: Order, character: Asset, voice: Asset
) -> None:
    key = new_key()
    await order(idempotency_key=key)
    body = {
        "prompt": "She waves",
        "ground_truth_asset_id": character["asset_id"],
        "audio_asset_id": voice["asset_id"],
    }
    response = await studio.http.post(
        "/api/jobs/audio-performance", json=body, headers={"Idempotency-Key": key}
    )
    assert check_refusal(response).code is ErrorCode.IDEMPOTENCY_CONFLICT


async def test_other_keys_and_no_keys_give_other_jobs(order: Order) -> None:
    keyed = [await order(idempotency_key=new_key()) for _ in range(2)]
    bare = [await order() for _ in range(2)]
    assert len({job["job_id"] for job in keyed + bare}) == 4


async def test_refused_request_does_not_use_the_key_up(studio: Studio, order: Order) -> None:
    key = new_key()
    response = await studio.http.post(
        "/api/jobs/animate", json={"prompt": " "}, headers={"Idempotency-Key": key}
    )
    check_refusal(response)
    assert (await order(idempotency_key=key))["status"] == "accepted"


async def test_key_that_is_too_long_is_refused(studio: Studio) -> None:
    response = await studio.http.post(
        "/api/jobs/animate", json={}, headers={"Idempotency-Key": "k" * 201}
    )
    check_refusal(response)
