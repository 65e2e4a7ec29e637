"""Asks every witness when a run is over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.api.workflowservice.v1 import ListWorkersRequest

from proto.errors import ErrorCode
from services.store.database import Connection
from tests.chaos.evidence import (
    CheckpointFact,
    EventFact,
    Evidence,
    JobFact,
    LedgerLine,
    OutputFact,
    PromptFact,
    Waiting,
)
from tests.chaos.probes import Probes
from tests.chaos.rig import Rig


@dataclass(frozen=True)
class Slots:
    """How many activities a worker was busy with."""

    worker: str
    used: int
    at: float


STANDING = frozenset({"Retention", "BackendProbe"})
"""Types of workflows that run whether there are jobs or not."""

JOBS = """
SELECT job_id, status, rev, cancel_requested_at IS NOT NULL AS cancel_asked, error, cause,
    extract(epoch FROM created_at)::float8 AS created,
    extract(epoch FROM ended_at)::float8 AS ended,
    (template->>'template_id') || ' ' || (settings->>'quality_profile') AS make,
    run, frame_count, segment_count, segments_done
FROM jobs
"""
EVENTS = """
SELECT position, job_id, rev, type, status, progress,
    extract(epoch FROM created_at)::float8 AS at, segments_done
FROM events ORDER BY position
"""
KEYS = "SELECT key, job_id FROM idempotency_keys"
OUTPUTS = "SELECT job_id, frame_count, stopped_early FROM outputs"
PROMPTS = """
SELECT prompt_id, job_id, segment, generation, outcome, withdrawn_at IS NOT NULL AS withdrawn
FROM prompts
"""
CHECKPOINTS = """
SELECT job_id, segment, generation, prompt_id, frames, lost_at IS NOT NULL AS lost,
    extract(epoch FROM created_at)::float8 AS at
FROM checkpoints
"""
FILES = """
SELECT job_id, file.value AS file FROM outputs, jsonb_each(files) AS file
UNION ALL SELECT job_id, file.value FROM checkpoints, jsonb_each(files) AS file
    WHERE lost_at IS NULL
UNION ALL SELECT job_id, growing->'video' FROM jobs WHERE growing IS NOT NULL
"""
GROWN = """
SELECT DISTINCT ON (job_id) job_id, split_part(key, '@', 1) AS key
FROM events WHERE type = 'grown' ORDER BY job_id, rev DESC
"""
ASSETS = """
SELECT unnest(ARRAY[original_key, thumbnail_key, proxy_key, waveform_key] || still_keys) AS key
FROM assets WHERE state <> 'deleted'
"""
SOURCES = "SELECT DISTINCT sha256 FROM assets"


async def read_rows(rig: Rig, evidence: Evidence) -> None:
    connection = await asyncpg.connect(rig.layout.database_url)
    try:
        await _read_rows(connection, evidence)
    finally:
        await connection.close()


async def _read_rows(connection: Connection, evidence: Evidence) -> None:
    evidence.jobs = {row["job_id"]: _job(row) for row in await connection.fetch(JOBS)}
    evidence.events = [EventFact(**dict(row)) for row in await connection.fetch(EVENTS)]
    evidence.keys = {row["key"]: row["job_id"] for row in await connection.fetch(KEYS)}
    await _read_segments(connection, evidence)
    evidence.assets = {row["key"] for row in await connection.fetch(ASSETS) if row["key"]}
    evidence.sources = {row["sha256"] for row in await connection.fetch(SOURCES)}


async def _read_segments(connection: Connection, evidence: Evidence) -> None:
    evidence.prompts = [PromptFact(**dict(row)) for row in await connection.fetch(PROMPTS)]
    rows = await connection.fetch(CHECKPOINTS)
    evidence.checkpoints = [CheckpointFact(**dict(row)) for row in rows]
    evidence.outputs = {
        row["job_id"]: OutputFact(row["frame_count"], row["stopped_early"])
        for row in await connection.fetch(OUTPUTS)
    }
    for row in await connection.fetch(FILES):
        file = _json(row["file"])
        evidence.stored.setdefault(row["job_id"], {})[file["key"]] = file["size_bytes"]
    evidence.grown = {
        _growing_key(row["job_id"], row["key"]): row["job_id"]
        for row in await connection.fetch(GROWN)
    }


def _growing_key(job_id: str, event: str) -> str:
    """Of the video that an event tells of: `grown/SEGMENT/GENERATION`."""
    _, segment, generation = event.split("/")
    return f"jobs/{job_id}/growing/{segment}-{generation}.mp4"


def _job(row: Any) -> JobFact:
    error = _json(row["error"])
    return JobFact(**{**dict(row), "error": ErrorCode(error["code"]) if error else None})


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


async def read_objects(probes: Probes, evidence: Evidence) -> None:
    pages = probes.objects.client.get_paginator("list_objects_v2")
    async for page in pages.paginate(Bucket=probes.objects.bucket):
        for item in page.get("Contents", []):
            evidence.objects[item["Key"]] = item["Size"]


async def read_workflows(probes: Probes, evidence: Evidence) -> None:
    evidence.open_workflows = {
        run.id
        async for run in probes.temporal.list_workflows("ExecutionStatus = 'Running'")
        if run.workflow_type not in STANDING
    }


async def read_stand_ins(rig: Rig, probes: Probes, evidence: Evidence) -> None:
    for number in range(1, rig.layout.stand_ins + 1):
        line = (await probes.http.get(f"{rig.renderer_url(number)}/queue")).json()
        for item in [*line["queue_running"], *line["queue_pending"]]:
            evidence.waiting.append(Waiting(number, item[1]))
        evidence.ledger += _ledger(number, rig.ledger(number))


def _ledger(number: int, path: Path) -> Iterator[LedgerLine]:
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        yield LedgerLine(number, line["boot"], line["at"], line["event"], line.get("prompt_id"))


async def read_slots(rig: Rig, probes: Probes) -> list[Slots]:
    """As each living worker told Temporal last; one tells it once a minute."""
    answer = await probes.temporal.workflow_service.list_workers(
        ListWorkersRequest(namespace="default", page_size=100)
    )
    living = {str(pid) for pid in rig.status.running.values()}
    told = [worker.worker_heartbeat for worker in answer.workers_info]
    return [
        Slots(
            worker=each.worker_identity,
            used=each.activity_task_slots_info.current_used_slots,
            at=each.heartbeat_time.ToSeconds(),
        )
        for each in told
        if each.host_info.process_id in living
    ]


def read_leftovers(rig: Rig, evidence: Evidence) -> None:
    evidence.left = [
        f"a temporary file: {path.relative_to(rig.layout.data)}"
        for path in sorted((rig.layout.data / "tmp").glob("*/*"))
    ]
    evidence.left += [f"a zombie process: {name}" for name in rig.zombies()]
    evidence.left += [f"a process of nobody: {name}" for name in rig.strays()]
