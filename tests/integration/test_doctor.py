"""Backends that fall ill are noticed, get no work, and come back; each change says why."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from proto.backend import Backend, Finding, FindingKind, Severity, backend_id
from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve
from services.doctor.asking import ask_all
from services.doctor.report import Verdict, in_words
from services.local.layout import Layout
from services.settings import Settings
from temporal.activities.backends import access_of
from tests.integration.conftest import Order
from tests.integration.fleet import Fleet
from tests.integration.trouble import Fault, Trouble
from tests.studio import Studio, eventually
from workflows_comfy.profiles import load_profiles

STEP_S = 0.1
RESTART: Fault = {"fault": "restart", "seconds": 12}
"""Long enough to be noticed by an agent that looks every two seconds."""


@pytest_asyncio.fixture(loop_scope="session")
async def fleet(studio: Studio) -> Fleet:
    return Fleet(studio)


@pytest_asyncio.fixture(loop_scope="session")
async def first(fleet: Fleet, layout: Layout) -> AsyncIterator[str]:
    """The stack's own backend; it gets work again when the test ends."""
    name = backend_id(layout.comfy_urls[0])
    await fleet.until_known(name)
    yield name
    if (await fleet.all())[name].state != "offered":
        await fleet.do(name, "uncordon")


@asynccontextmanager
async def joining(fleet: Fleet, options: SimOptions) -> AsyncIterator[Trouble]:
    """One more backend, which is removed at the end."""
    async with serve(options) as sim, httpx.AsyncClient(base_url=sim.url, timeout=30) as http:
        name = await fleet.add(sim.url)
        yield Trouble(name, http, options.base_dir)
        await fleet.do(name, "remove")


@pytest_asyncio.fixture(loop_scope="session")
async def patient(fleet: Fleet, tmp_path: Path) -> AsyncIterator[Trouble]:
    options = SimOptions(base_dir=tmp_path, step_seconds=STEP_S, control=True)
    async with joining(fleet, options) as trouble:
        yield trouble


async def until_state(fleet: Fleet, name: str, state: str) -> Backend:
    async def reached() -> Backend | None:
        row = (await fleet.all())[name]
        return row if row.state == state else None

    found: Backend = await eventually(reached)
    return found


async def until_found(
    fleet: Fleet, name: str, kind: FindingKind, severity: Severity | None = None
) -> Finding:
    async def seen() -> Finding | None:
        findings = (await fleet.all())[name].findings
        fits = (one for one in findings if one.kind is kind and severity in (None, one.severity))
        return next(fits, None)

    found: Finding = await eventually(seen)
    return found


async def history(studio: Studio, name: str) -> list[dict[str, Any]]:
    """What the watcher did with it, oldest first."""
    params = {"subject": f"backend/{name}", "who": "watcher"}
    answer = await studio.http.get("/api/admin/audit", params=params)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()["items"]
    return lines[::-1]


async def check_history(studio: Studio, name: str, *expected: tuple[str, str]) -> None:
    """expected: an action each, and a word of its reason."""
    lines = await history(studio, name)
    assert [line["action"] for line in lines] == [action for action, _ in expected]
    for line, (_, word) in zip(lines, expected, strict=True):
        assert word in line["why"]


async def test_dead_executor_is_quarantined_with_its_reason_until_it_is_restarted(
    studio: Studio, order: Order, fleet: Fleet, first: str, patient: Trouble
) -> None:
    await fleet.do(first, "cordon")
    await patient.set({"fault": "dead_executor"})
    job = await order(duration_override_seconds=0.5)
    ill = await until_state(fleet, patient.name, "quarantined")
    assert ill.because is FindingKind.DEAD_EXECUTOR
    assert "none runs" in (ill.reason or "")
    [finding] = [one for one in ill.findings if one.severity is Severity.SERIOUS]
    assert "Restart" in finding.to_do
    await fleet.do(first, "uncordon")
    await studio.until(job["job_id"], "completed")
    await patient.set(RESTART)
    well = await until_state(fleet, patient.name, "offered")
    assert well.because is None
    await check_history(
        studio,
        patient.name,
        ("backend.quarantine", "prompts wait and none runs"),
        ("backend.offer", "answers again"),
    )


async def test_memory_that_runs_out_again_and_again_drains_a_backend_that_is_not_the_only_one(
    studio: Studio, order: Order, fleet: Fleet, first: str, patient: Trouble
) -> None:
    await fleet.do(first, "cordon")
    for _ in range(3):
        await patient.set({"fault": "oom", "node": "KSampler"})
        job = await order(duration_override_seconds=0.5)
        await studio.until(job["job_id"], "completed")
    out_of_memory = FindingKind.OUT_OF_MEMORY
    finding = await until_found(fleet, patient.name, out_of_memory, Severity.SERIOUS)
    assert "3 prompts ran out of memory" in finding.message
    assert (await fleet.all())[patient.name].state == "offered"

    await fleet.do(first, "uncordon")
    assert (await until_state(fleet, patient.name, "draining")).because is out_of_memory
    job = await order(duration_override_seconds=0.5)
    await studio.until(job["job_id"], "completed")
    record = await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
    assert [prompt["backend_id"] for prompt in record["prompts"]] == [first]

    await patient.set(RESTART)
    await until_state(fleet, patient.name, "offered")
    await check_history(
        studio, patient.name, ("backend.drain", "ran out of memory"), ("backend.offer", "over")
    )


async def test_memory_that_climbs_while_nothing_runs_drains_until_it_is_back(
    studio: Studio, fleet: Fleet, first: str, patient: Trouble
) -> None:
    await patient.set({"fault": "leaking_memory", "gb": 3.5, "times": None})
    ill = await until_state(fleet, patient.name, "draining")
    assert ill.because is FindingKind.CLIMBING_MEMORY
    assert "of video memory while nothing ran" in (ill.reason or "")
    await patient.clear()
    await patient.set(RESTART)
    assert (await until_state(fleet, patient.name, "offered")).findings == []
    await check_history(
        studio, patient.name, ("backend.drain", "while nothing ran"), ("backend.offer", "over")
    )


async def test_operator_who_gives_work_again_is_not_overruled_for_what_was_before(
    studio: Studio, order: Order, fleet: Fleet, first: str, patient: Trouble
) -> None:
    await fleet.do(first, "cordon")
    for _ in range(3):
        await patient.set({"fault": "disk_full"})
        job = await order(duration_override_seconds=0.5)
        await studio.until(job["job_id"], "completed")
    await fleet.do(first, "uncordon")
    await until_state(fleet, patient.name, "draining")
    await fleet.do(patient.name, "uncordon")

    async def clean() -> bool:
        return (await fleet.all())[patient.name].findings == []

    await eventually(clean)
    assert (await fleet.all())[patient.name].state == "offered"


async def test_backend_that_takes_no_files_gets_no_work(
    fleet: Fleet, first: str, tmp_path: Path
) -> None:
    options = SimOptions(base_dir=tmp_path, control=True)
    async with serve(options) as sim, httpx.AsyncClient(base_url=sim.url, timeout=30) as http:
        patient = Trouble(backend_id(sim.url), http, tmp_path)
        await patient.set({"fault": "upload_500", "times": None})
        await fleet.add(sim.url)
        ill = await until_state(fleet, patient.name, "draining")
        assert ill.because is FindingKind.FAILING_UPLOADS
        await patient.clear()
        await until_state(fleet, patient.name, "offered")
        await fleet.do(patient.name, "remove")


async def test_other_and_new_versions_are_noted_and_change_nothing(
    fleet: Fleet, first: str, tmp_path: Path
) -> None:
    async with serve(SimOptions(base_dir=tmp_path, profile="newer")) as sim:
        port = int(sim.url.rpartition(":")[2])
        name = await fleet.add(sim.url)
        found = await until_found(fleet, name, FindingKind.OTHER_VERSION)
        assert "0.38.1" in found.message
    async with serve(SimOptions(base_dir=tmp_path, port=port)):
        changed = await until_found(fleet, name, FindingKind.CHANGED_VERSION)
        assert changed.message == "ComfyUI 0.38.1 became 0.3.64"
        assert (await fleet.all())[name].state == "offered"
        await fleet.do(name, "remove")


async def test_missing_model_is_named_with_its_folder_and_its_templates_are_not_offered(
    fleet: Fleet, layout: Layout, settings: Settings, tmp_path: Path
) -> None:
    lacking = "wav2vec2_large_english_fp16.safetensors"
    async with joining(fleet, SimOptions(base_dir=tmp_path, without=(lacking,))) as other:
        row = (await fleet.all())[other.name]
        assert "animate/move@draft" in (row.abilities or [])
        assert "audio/s2v@draft" not in (row.abilities or [])
        assert row.missing["audio/s2v@draft"] == [f"{lacking} in models/audio_encoders"]

        urls = [layout.comfy_urls[0], row.url]
        profiles = load_profiles(settings.profiles)
        report = await ask_all(urls, access_of(settings), profiles, settings)
        said = "\n".join(in_words(report))
    assert report.verdict is Verdict.LACKING
    assert f"add {lacking} in models/audio_encoders" in said
    assert [service.problem for service in report.services] == [None, None, None]
    assert [one.known is not None and one.known.answering for one in report.backends] == [True] * 2
