"""What differs between two jobs."""

import asyncio
import json
from collections.abc import Iterator

from fastapi import APIRouter
from pydantic import JsonValue

from proto.admin import Difference, JobDiff
from services.gateway.admin.record import get_job, note_look
from services.gateway.operator import OperatorDep
from services.gateway.state import Gateway, GatewayDep
from services.store import checkpoints
from services.store.checkpoints import CheckpointRow
from services.store.objects import ObjectMissing, ObjectStore

router = APIRouter()

NOT_KEPT = "not kept any more"
AT_ONCE = 8


@router.get("/jobs/{left}/diff/{right}")
async def diff_jobs(left: str, right: str, gateway: GatewayDep, operator: OperatorDep) -> JobDiff:
    """Where two jobs' requests, settings, templates, seeds and bound values differ."""
    async with gateway.pool.acquire() as connection:
        for job_id in (left, right):
            await note_look(connection, operator, await get_job(connection, job_id))
    found = differences(await _facts(gateway, left), await _facts(gateway, right))
    return JobDiff(left=left, right=right, differences=found)


def differences(left: JsonValue, right: JsonValue) -> list[Difference]:
    """Leaf by leaf, in the order of the paths. What one side does not have is null there."""
    ours, theirs = dict(_leaves(left)), dict(_leaves(right))
    return [
        Difference(path=".".join(path), left=ours.get(path), right=theirs.get(path))
        for path in sorted(ours.keys() | theirs.keys(), key=_order)
        if ours.get(path) != theirs.get(path)
    ]


def _leaves(
    value: JsonValue, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], JsonValue]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, (*path, str(index)))
    else:
        yield path, value


def _order(path: tuple[str, ...]) -> list[tuple[int, str]]:
    """The tenth of a list after its second."""
    return [(len(name) if name.isdigit() else 0, name) for name in path]


async def _facts(gateway: Gateway, job_id: str) -> JsonValue:
    async with gateway.pool.acquire() as connection:
        row = await get_job(connection, job_id)
        made = await checkpoints.list_of_job(connection, job_id)
    return {
        "template": row.template.model_dump(mode="json"),
        "request": row.request.model_dump(mode="json"),
        "settings": row.settings.model_dump(mode="json"),
        "seed": row.seed,
        "segments": await _bound_values(gateway.objects, made),
    }


async def _bound_values(objects: ObjectStore, made: list[CheckpointRow]) -> dict[str, JsonValue]:
    """By segment, as they were sent."""
    turn = asyncio.Semaphore(AT_ONCE)
    values = await asyncio.gather(*(_values(objects, turn, row) for row in made))
    return {
        str(row.segment): {"seed": row.seed, "bound": value}
        for row, value in zip(made, values, strict=True)
    }


async def _values(objects: ObjectStore, turn: asyncio.Semaphore, row: CheckpointRow) -> JsonValue:
    async with turn:
        try:
            content = await objects.get_bytes(row.submitted.values.key)
        except ObjectMissing:
            return NOT_KEPT
    text = content.decode()
    # Names of what a job leaves behind hold these ids, which always differ.
    for differing, name in ((row.taken_from or row.job_id, "job"), (row.prompt_id, "prompt")):
        text = text.replace(differing, f"<{name}>")
    values: JsonValue = json.loads(text)
    return values
