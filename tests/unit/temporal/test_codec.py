"""What the workflow server keeps of a payload, and who can read it."""

import base64
from collections.abc import Sequence

import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from proto.render import NewPriority
from temporal.codec import PayloadLocked, converter, parse_keys

OLD = "2026a:" + base64.b64encode(bytes(range(32))).decode()
NEW = "2026b:" + base64.b64encode(bytes(range(32, 64))).decode()
SAID = NewPriority(priority=3)


def with_keys(*keys: str) -> DataConverter:
    return converter(SecretStr(",".join(keys)) if keys else None)


async def read(reader: DataConverter, payloads: Sequence[Payload]) -> NewPriority:
    [found] = await reader.decode(payloads, [NewPriority])
    assert isinstance(found, NewPriority)
    return found


async def test_payload_is_kept_unreadable_and_read_again() -> None:
    ours = with_keys(NEW)
    [kept] = await ours.encode([SAID])
    assert kept.metadata["encoding"] == b"binary/encrypted"
    assert b"priority" not in kept.SerializeToString()
    assert await read(ours, [kept]) == SAID


async def test_same_payload_is_never_kept_alike() -> None:
    [first], [second] = [await with_keys(NEW).encode([SAID]) for _ in range(2)]
    assert first.data != second.data


async def test_newest_key_encrypts_and_older_ones_still_read() -> None:
    before = await with_keys(OLD).encode([SAID])
    rotated = with_keys(NEW, OLD)
    after = await rotated.encode([SAID])
    assert await read(rotated, before) == await read(rotated, after) == SAID
    assert await read(with_keys(NEW), after) == SAID


async def test_what_was_kept_before_there_were_keys_is_read() -> None:
    assert await read(with_keys(NEW), await with_keys().encode([SAID])) == SAID


async def test_missing_key_is_named() -> None:
    kept = await with_keys(OLD).encode([SAID])
    with pytest.raises(PayloadLocked, match="no key b'2026a'"):
        await read(with_keys(NEW), kept)


async def test_changed_payload_is_refused() -> None:
    [kept] = await with_keys(NEW).encode([SAID])
    kept.data = kept.data[:-1] + bytes([kept.data[-1] ^ 1])
    with pytest.raises(PayloadLocked, match="2026b"):
        await read(with_keys(NEW), [kept])


async def test_payload_can_not_pass_for_one_of_another_key() -> None:
    [kept] = await with_keys(NEW).encode([SAID])
    kept.metadata["encryption-key-id"] = b"again"
    with pytest.raises(PayloadLocked):
        await read(with_keys(NEW, "again" + NEW.removeprefix("2026b")), [kept])


async def test_failure_says_nothing_to_others() -> None:
    ours, kept = with_keys(NEW), Failure()
    await ours.encode_failure(ApplicationError("the rain in her hair"), kept)
    assert b"rain" not in kept.SerializeToString()
    assert "the rain in her hair" in str(await ours.decode_failure(kept))


@pytest.mark.parametrize(
    "text",
    ["", "a", f"a:{'x' * 43}=,", f"{OLD},{OLD}", "a:c2hvcnRzZWNyZXQ=", "a:not*base64*secret"],
)
def test_bad_keys_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(ValueError, match="ANIMATRIX_PAYLOAD_KEYS") as refusal:
        parse_keys(text)
    assert not any(part and part in str(refusal.value) for part in ("secret", "c2hv", "AAEC"))
    assert refusal.value.__cause__ is None
