"""What operators see of a stack that works: traces, metrics, logs."""

import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client

from services.local.layout import SERVICES, Layout, make_layout
from services.local.stack import Stack
from services.telemetry.tracing import trace_id_of
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.integration.collector import Collector, Span, collecting
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio, eventually
from tests.unit.telemetry.queries import alerts, dashboards, queries

CLIP_S = 7.0
PARTS = 2
PROMPT = "zebra-canary dances under the moon"
CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
FAULTS = [{"fault": "oom", "node": "KSampler"}, {"fault": "upload_500"}]


@dataclass(frozen=True)
class Watched:
    """A stack that sends its traces to a collector. long_id: a job of PARTS segments."""

    layout: Layout
    stack: Stack
    collector: Collector
    studio: Studio
    long_id: str
    hurt_id: str


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced_stack(data_folder: Path, collector: Collector) -> Iterator[tuple[Stack, Layout]]:
    made = make_layout(data_folder / "traced", free_base_port(), [], 0.1)
    patch = pytest.MonkeyPatch()
    patch.setenv("ANIMATRIX_OTLP_ENDPOINT", collector.url)
    layout = replace(made, control=True)
    running = Stack(layout, lambda _: None)
    try:
        running.start()
        yield running, layout
    finally:
        running.stop()
        patch.undo()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watched(
    traced_stack: tuple[Stack, Layout], collector: Collector, media: Path
) -> AsyncIterator[Watched]:
    """After a job of two segments, during which a worker was restarted, and one that was hurt."""
    stack, layout = traced_stack
    async with signed_in(layout) as client:
        studio = Studio(client)
        picture = await studio.upload("image", make_picture(media / "watched.png"))
        clip = make_clip(media / "watched.mp4", seconds=CLIP_S, sound=False)
        video = await studio.upload("video", clip)
        await studio.try_upload("image", b"no picture", "broken.png")
        body = {
            "prompt": PROMPT,
            "quality_profile": "draft",
            "ground_truth_asset_id": picture["asset_id"],
            "motion_video_asset_id": video["asset_id"],
        }
        long_id = await _create(client, body)
        await studio.until(long_id, "executing")
        await _restart(stack, "workflows worker")
        await studio.until(long_id, "completed")
        for fault in FAULTS:
            await client.post(f"{layout.comfy_urls[0]}/sim/faults", json=fault)
        hurt_id = await _create(client, {**body, "duration_override_seconds": 0.5})
        await studio.until_ended(hurt_id)
        for job_id in (long_id, hurt_id):
            await eventually(lambda job_id=job_id: _has_ended(collector, job_id))
        yield Watched(layout, stack, collector, studio, long_id, hurt_id)


async def _create(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
    headers = {"traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}
    response = await client.post("/api/jobs/animate", json=body, headers=headers)
    assert response.status_code == 202, response.text
    job_id: str = response.json()["job_id"]
    assert response.headers["traceresponse"].split("-")[1] == trace_id_of(job_id)
    return job_id


async def _restart(stack: Stack, name: str) -> None:
    before = stack.pids[name]
    os.kill(before, signal.SIGTERM)

    async def again() -> bool:
        stack.tend()
        return stack.ready_pids.get(name, before) != before

    await eventually(again)


async def _has_ended(collector: Collector, job_id: str) -> bool:
    names = {span.name for span in collector.trace(trace_id_of(job_id))}
    return "CompleteWorkflow:RenderJob" in names


def named(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


async def test_job_is_one_trace(watched: Watched) -> None:
    spans = watched.collector.trace(trace_id_of(watched.long_id))
    ours = [span for span in watched.collector.spans if watched.long_id in str(span.attributes)]
    assert {span.trace_id for span in ours} == {trace_id_of(watched.long_id)}
    [root] = [span for span in spans if not span.parent_id]
    assert root.name == "POST /api/jobs/animate"
    assert root.links == (CALLER,)
    assert {span.parent_id for span in spans} <= {"", *(span.span_id for span in spans)}


async def test_trace_has_every_activity_once(watched: Watched) -> None:
    client = await Client.connect(watched.layout.temporal_address)
    history = await client.get_workflow_handle(f"job-{watched.long_id}").fetch_history()
    begun = [
        event.activity_task_scheduled_event_attributes.activity_id
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    spans = watched.collector.trace(trace_id_of(watched.long_id))
    asked = [span for span in spans if span.name.startswith("StartActivity:")]
    ran = [span for span in spans if span.name.startswith("RunActivity:")]
    assert {span.attributes["temporalActivityID"] for span in ran} == set(begun)
    assert len(asked) == len(begun)
    assert len(named(spans, "RunWorkflow:RenderJob")) == 1
    assert len({span.span_id for span in spans}) == len(spans)


async def test_prompt_is_a_span_below_its_watcher(watched: Watched) -> None:
    spans = {span.span_id: span for span in watched.collector.trace(trace_id_of(watched.long_id))}
    prompts = named(list(spans.values()), "prompt")
    assert sorted(span.attributes["segment"] for span in prompts) == list(range(PARTS))
    for span in prompts:
        assert spans[span.parent_id].name == "RunActivity:await_done"
        assert span.attributes["job_id"] == watched.long_id
        assert str(span.attributes["backend_id"]) in watched.layout.comfy_urls[0]
        assert re.fullmatch(r"animate/move@[\d.]+", str(span.attributes["template"]))
        assert not span.failed
        assert span.end_ns - span.start_ns > 0


async def test_failed_prompt_says_why(watched: Watched) -> None:
    spans = watched.collector.trace(trace_id_of(watched.hurt_id))
    failed = [span for span in named(spans, "prompt") if span.failed]
    assert failed
    assert all(span.attributes["outcome"] == "failed" for span in failed)
    assert all("memory" in span.cause.lower() for span in failed)


async def test_upload_is_in_its_callers_trace(watched: Watched, tmp_path: Path) -> None:
    picture = make_picture(tmp_path / "traced.png")
    trace_id = "aaaabbbbccccddddeeeeffff00001111"
    response = await watched.studio.http.post(
        "/api/assets/image",
        files={"file": ("traced.png", picture.read_bytes())},
        headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"},
    )
    assert response.status_code == 201

    async def told() -> bool:
        spans = watched.collector.trace(trace_id)
        return {"POST /api/assets/{kind}", "RunActivity:inspect_upload"} <= {s.name for s in spans}

    await eventually(told)


SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? \S+")
LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')


async def exported(layout: Layout) -> dict[str, set[str]]:
    """The labels of every series, by name, of all services and of the workflow server."""
    found: dict[str, set[str]] = {"up": set()}
    ports = [layout.ports[f"{service}_metrics"] for service in SERVICES]
    async with httpx.AsyncClient() as client:
        for port in [*ports, layout.ports["temporal_metrics"]]:
            text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            for sample in filter(None, map(SAMPLE.match, text.splitlines())):
                labels = LABEL.findall(sample["labels"] or "")
                found.setdefault(sample["name"], set()).update(labels)
    return found


SCRAPED = {"job", "instance", "service"}
"""Labels that Prometheus adds by its scrape configuration."""


async def test_every_query_finds_what_is_exported(watched: Watched) -> None:
    found = await exported(watched.layout)
    asked = [query for file in (*dashboards(), *alerts()) for query in file.queries]
    assert asked
    for query in asked:
        for name, labels in queries(query).items():
            assert name in found, f"{name} in {query}"
            assert labels <= found[name] | SCRAPED, f"{labels - found[name]} of {name} in {query}"


async def test_no_label_names_a_job_or_an_owner(watched: Watched) -> None:
    ports = [watched.layout.ports[f"{service}_metrics"] for service in SERVICES]
    async with httpx.AsyncClient() as client:
        texts = [(await client.get(f"http://127.0.0.1:{port}/metrics")).text for port in ports]
    ids = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}")
    own = [line for text in texts for line in text.splitlines() if line.startswith("animatrix_")]
    assert own
    assert not [line for line in own if ids.search(line) or '"local"' in line]


async def test_metrics_count_what_happened(watched: Watched) -> None:
    async with httpx.AsyncClient() as client:
        texts = [
            (await client.get(f"http://127.0.0.1:{watched.layout.ports[name]}/metrics")).text
            for name in ("gateway_metrics", "comfy_metrics")
        ]
    lines = [line for text in texts for line in text.splitlines()]
    assert 'animatrix_uploads_total{kind="image",verdict="refused"} 1.0' in lines
    created = 'animatrix_http_requests_total{method="POST",route="/api/jobs/animate",status="202"}'
    assert f"{created} 2.0" in lines
    backend = watched.layout.comfy_urls[0].removeprefix("http://")
    ended = f'animatrix_prompts_total{{backend="{backend}",outcome="succeeded"}}'
    assert [line for line in lines if line.startswith(ended)]


async def test_ingress_does_not_lead_to_metrics(watched: Watched) -> None:
    response = await watched.studio.http.get("/metrics")
    assert "animatrix_" not in response.text


async def test_logs_name_the_job_and_hold_no_secret(watched: Watched) -> None:
    folder = watched.layout.folder("logs")
    ours = [folder / "gateway.log", *folder.glob("worker-*.log")]
    text = "".join(path.read_text(encoding="utf-8") for path in ours)
    secrets = watched.layout.secrets
    for canary in (*secrets.model_dump().values(), "X-Amz-Signature=", "zebra-canary"):
        assert canary not in text, canary
    about = [line for line in text.splitlines() if watched.long_id in line]
    services = {match[1] for match in map(re.compile(r'"service": "(\w+)"').search, about) if match}
    assert services >= {"gateway", "comfy"}
    assert any(f'"trace_id": "{trace_id_of(watched.long_id)}"' in line for line in about)
