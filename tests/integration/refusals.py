"""What a refusal has to be, whoever gives it."""

import re
from dataclasses import dataclass

import httpx

from proto.errors import Problem
from services.store.database import Pool
from services.store.objects import ObjectStore

ENGINE_WORDS = re.compile(
    r"\b(comfy\w*|nodes?|workflows?|samplers?|latents?|loras?|checkpoints?|cfg|steps?|vae)\b", re.I
)
INTERNALS = re.compile(r"Traceback|/work/|/tmp/|\.py\b|Error\(|asyncpg|pydantic", re.I)


def check_refusal(response: httpx.Response) -> Problem:
    """The problem a 4xx answer carries, in words for people."""
    assert 400 <= response.status_code < 500, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(response.content)
    assert problem.status == response.status_code
    assert problem.reference
    for message in (problem.message, problem.title, *(error.message for error in problem.errors)):
        assert message
        assert not ENGINE_WORDS.search(message), message
        assert not INTERNALS.search(message), message
    return problem


@dataclass(frozen=True)
class Census:
    """All that an upload or a job would leave behind. orphans: objects of no asset."""

    jobs: int
    assets: int
    orphans: frozenset[str]


async def take_census(pool: Pool, objects: ObjectStore) -> Census:
    stored = await stored_keys(objects, "uploads/") | await stored_keys(objects, "assets/")
    known = {row["asset_id"] for row in await pool.fetch("SELECT asset_id FROM assets")}
    return Census(
        jobs=await pool.fetchval("SELECT count(*) FROM jobs"),
        assets=len(known),
        orphans=frozenset(key for key in stored if key.split("/")[1] not in known),
    )


async def stored_keys(objects: ObjectStore, prefix: str) -> frozenset[str]:
    pages = objects.client.get_paginator("list_objects_v2")
    return frozenset(
        [
            item["Key"]
            async for page in pages.paginate(Bucket=objects.bucket, Prefix=prefix)
            for item in page.get("Contents", [])
        ]
    )
