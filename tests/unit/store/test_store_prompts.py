"""Who may send a prompt, and which ones nobody waits for any more."""

import pytest

from proto.event import EventType
from proto.ids import new_id
from proto.render import PromptRef
from services.store import jobs, prompts
from services.store.database import Connection, Pool
from tests.unit.store.store_factory import add_job, change


async def a_prompt(connection: Connection, job_id: str | None = None) -> PromptRef:
    return PromptRef(
        job_id=job_id or await add_job(connection),
        segment=0,
        generation=0,
        prompt_id=new_id(),
        backend_id="gpu-1",
    )


async def test_only_one_of_two_tries_may_send(store: Pool) -> None:
    async with store.acquire() as one, store.acquire() as other:
        prompt = await a_prompt(one)
        rows = [await prompts.note(one, prompt), await prompts.note(other, prompt)]
        claims = [
            await prompts.claim_posting(one, rows[0]),
            await prompts.claim_posting(other, rows[1]),
        ]
        assert [claim is not None for claim in claims] == [True, False]


async def test_right_to_send_can_be_taken_over_from_a_try_that_is_known(
    connection: Connection,
) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    assert await prompts.claim_posting(connection, row)
    row = await prompts.get(connection, row.prompt_id)
    assert row.posting_age_s is not None
    assert await prompts.claim_posting(connection, row)
    # The first try's knowledge is out of date now.
    assert await prompts.claim_posting(connection, row) is None


async def test_right_to_send_is_given_back_after_a_request_that_never_left(
    connection: Connection,
) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    claim = await prompts.claim_posting(connection, row)
    assert claim is not None
    await prompts.drop_claim(connection, row.prompt_id, claim)
    assert (await prompts.get(connection, row.prompt_id)).posting_at is None
    assert await prompts.claim_posting(connection, row)


async def test_sent_prompt_is_never_sent_again(connection: Connection) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    await prompts.claim_posting(connection, row)
    await prompts.mark_posted(connection, row.prompt_id)
    row = await prompts.get(connection, row.prompt_id)
    assert await prompts.claim_posting(connection, row) is None


@pytest.mark.parametrize("noted", [True, False])
async def test_withdrawn_prompt_can_not_be_sent(connection: Connection, *, noted: bool) -> None:
    prompt = await a_prompt(connection)
    if noted:
        await prompts.note(connection, prompt)
    await prompts.withdraw(connection, prompt)
    row = await prompts.note(connection, prompt)
    assert await prompts.claim_posting(connection, row) is None


async def test_unsettled_prompt_of_an_ended_job_is_left_behind(connection: Connection) -> None:
    row = await prompts.note(connection, await a_prompt(connection))

    async def left() -> bool:
        found = await prompts.list_left_behind(connection, 1000)
        return row.prompt_id in {prompt.prompt_id for prompt in found}

    assert not await left()
    await jobs.record(connection, row.job_id, change(EventType.FAILED))
    assert await left()
    await prompts.settle(connection, row.prompt_id, outcome="failed", cause="out of memory")
    assert not await left()
    settled = await prompts.get(connection, row.prompt_id)
    assert (settled.outcome, settled.cause) == ("failed", "out of memory")


async def test_abandoned_prompt_is_left_behind_while_its_job_goes_on(
    connection: Connection,
) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    await prompts.abandon(connection, row.prompt_id, outcome="unreachable", cause="silent")
    found = await prompts.list_left_behind(connection, 1000)
    assert row.prompt_id in {prompt.prompt_id for prompt in found}


async def test_why_a_prompt_was_given_up_outlives_its_withdrawal(connection: Connection) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    await prompts.abandon(connection, row.prompt_id, outcome="failed", cause="half accepted")
    await prompts.settle_withdrawn(connection, row.prompt_id, outcome="withdrawn: interrupted")
    settled = await prompts.get(connection, row.prompt_id)
    assert settled.settled_at is not None
    assert (settled.outcome, settled.cause) == ("failed", "half accepted")


async def test_prompt_that_was_taken_back_says_how(connection: Connection) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    await prompts.settle_withdrawn(connection, row.prompt_id, outcome="withdrawn: interrupted")
    settled = await prompts.get(connection, row.prompt_id)
    assert settled.outcome == "withdrawn: interrupted"


async def test_what_an_earlier_run_left_is_still_taken_back_after_a_retry(
    connection: Connection,
) -> None:
    row = await prompts.note(connection, await a_prompt(connection))
    await jobs.record(connection, row.job_id, change(EventType.FAILED))
    await prompts.abandon_all(connection, row.job_id)
    assert await jobs.reopen(connection, await jobs.get(connection, row.job_id))
    found = await prompts.list_left_behind(connection, 1000)
    assert row.prompt_id in {prompt.prompt_id for prompt in found}


async def test_attempts_of_a_job_are_kept_in_order(connection: Connection) -> None:
    first = await a_prompt(connection)
    second = first.model_copy(update={"generation": 1, "prompt_id": new_id()})
    for prompt in (second, first):
        await prompts.note(connection, prompt)
    found = await prompts.list_of_job(connection, first.job_id)
    assert [prompt.ref for prompt in found] == [first, second]
