import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from proto.event import Event
from proto.job import OutputName
from proto.manifest import (
    DebugMetadata,
    JobManifest,
    ManifestInput,
    ManifestResult,
    ManifestSegment,
    Timing,
)
from proto.media import Crop, DynamicRange, MediaFacts, StoredFile
from proto.model import Model
from proto.plan import InputRole, OutputKind, Plan
from proto.render import Finished, FinishRequest, NormalisedInput, NormalisedInputs
from services.media.finish import FinishedFiles
from services.store import assets, events, jobs, outputs
from services.store.checkpoints import CheckpointRow
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectStore
from services.store.outputs import OutputRow
from workflows_comfy.catalog import load_template, model_files
from workflows_comfy.compose import negative_prompt, positive_prompt, soft_guidance
from workflows_comfy.plan import kept_part

MAX_EVENTS = 10_000


@dataclass(frozen=True)
class Bundle:
    """A finished video with everything it was made from. made: the segments that are in it."""

    request: FinishRequest
    plan: Plan
    inputs: NormalisedInputs
    made: list[CheckpointRow]
    files: FinishedFiles

    @property
    def frames(self) -> int:
        return sum(row.frames for row in self.made)

    @property
    def duration_s(self) -> float:
        return float(self.frames / self.plan.settings.fps)

    @property
    def has_audio(self) -> bool:
        return self.inputs.soundtrack is not None

    @property
    def simulated(self) -> bool:
        return any(row.submitted.simulated for row in self.made)


async def publish(pool: Pool, objects: ObjectStore, bundle: Bundle) -> Finished:
    """Store the outputs and their row. Repeating it writes the same again."""
    job_id = bundle.request.job_id
    async with pool.acquire() as connection:
        job = await jobs.get(connection, job_id)
        history = await events.list_of_job(connection, job_id, 0, MAX_EVENTS)
        # A job that is not over keeps its files from being deleted.
        found = await assets.find(
            connection, job.owner, [item.asset_id for item in bundle.inputs.inputs]
        )
    submissions = [row.submitted for row in bundle.made]
    files, graphs, values = await asyncio.gather(
        _put_media(objects, job_id, bundle.files),
        _read_json(objects, [submitted.graph for submitted in submissions]),
        _read_json(objects, [submitted.values for submitted in submissions]),
    )
    facts = {asset_id: row.facts for asset_id, row in found.items()}
    manifest = _manifest(job, bundle, facts, graphs, values, files[OutputName.VIDEO])
    files[OutputName.MANIFEST], files[OutputName.DEBUG] = await asyncio.gather(
        _put_json(objects, f"jobs/{job_id}/outputs/job_manifest.json", manifest),
        _put_json(objects, f"jobs/{job_id}/outputs/debug_metadata.json", _debug(bundle, history)),
    )
    row = _row(job, bundle, files)
    async with pool.acquire() as connection, connection.transaction():
        await outputs.upsert(connection, row)
        await jobs.set_segments_done(connection, job_id, len(bundle.made))
    return Finished(output_id=row.output_id, duration_s=row.duration_s, frames=row.frame_count)


async def _put_media(
    objects: ObjectStore, job_id: str, files: FinishedFiles
) -> dict[OutputName, StoredFile]:
    wanted: list[tuple[OutputName, Path, str]] = [
        (OutputName.VIDEO, files.video, "video/mp4"),
        (OutputName.POSTER, files.poster, "image/jpeg"),
        (OutputName.FIRST_FRAME, files.first_frame, "image/png"),
        (OutputName.ANIMATED_PREVIEW, files.preview, "image/webp"),
    ]
    stored = await asyncio.gather(
        *(
            objects.put_file(f"jobs/{job_id}/outputs/{path.name}", path, content_type)
            for _, path, content_type in wanted
        )
    )
    return {name: file for (name, _, _), file in zip(wanted, stored, strict=True)}


async def _read_json(objects: ObjectStore, files: list[StoredFile]) -> list[dict[str, Any]]:
    contents = await asyncio.gather(*(objects.get_bytes(file.key) for file in files))
    return [json.loads(content) for content in contents]


async def _put_json(objects: ObjectStore, key: str, content: Model) -> StoredFile:
    text = content.model_dump_json(indent=1)
    return await objects.put_bytes(key, text.encode(), "application/json")


def _row(job: JobRow, bundle: Bundle, files: dict[OutputName, StoredFile]) -> OutputRow:
    settings = bundle.plan.settings
    return OutputRow(
        output_id=str(uuid5(NAMESPACE_URL, f"animatrix/output/{job.job_id}")),
        job_id=job.job_id,
        duration_s=bundle.duration_s,
        width=settings.width,
        height=settings.height,
        fps=settings.fps,
        frame_count=bundle.frames,
        has_audio=bundle.has_audio,
        simulated=bundle.simulated,
        stopped_early=bundle.request.stopped_early,
        files=files,
        created_at=job.updated_at,
    )


def _manifest(
    job: JobRow,
    bundle: Bundle,
    facts: Mapping[str, MediaFacts],
    graphs: Sequence[dict[str, Any]],
    values: Sequence[dict[str, Any]],
    video: StoredFile,
) -> JobManifest:
    template = load_template(job.template.template_id, job.template.version)
    settings = bundle.plan.settings
    segments = zip(bundle.made, graphs, values, strict=True)
    return JobManifest(
        job_id=job.job_id,
        mode=job.mode,
        created_at=job.created_at,
        request=job.request,
        template=job.template,
        model_family=template.manifest.model_family,
        models={node: file for graph in graphs for node, file in model_files(graph).items()},
        nodes=sorted({node["class_type"] for graph in graphs for node in graph.values()}),
        custom_nodes=template.manifest.custom_nodes,
        positive_prompt=positive_prompt(job.request),
        negative_prompt=negative_prompt(job.request),
        inputs=[_input(item, job, bundle, facts[item.asset_id]) for item in bundle.inputs.inputs],
        origin=job.origin,
        segments=[_segment(segment, graph, bound) for segment, graph, bound in segments],
        soft_guidance=soft_guidance(job.request),
        result=ManifestResult(
            width=settings.width,
            height=settings.height,
            fps=str(settings.fps),
            frames=bundle.frames,
            duration_s=bundle.duration_s,
            video_sha256=video.sha256,
            has_audio=bundle.has_audio,
            simulated=bundle.simulated,
            planned_frames=bundle.plan.frames,
            stopped_early=bundle.request.stopped_early,
        ),
    )


def _input(item: NormalisedInput, job: JobRow, bundle: Bundle, source: MediaFacts) -> ManifestInput:
    settings = bundle.plan.settings
    seen = item.role is not InputRole.VOICE
    return ManifestInput(
        role=item.role,
        asset_id=item.asset_id,
        source_sha256=item.source_sha256,
        source=source,
        normalised_sha256=item.file.sha256,
        width=settings.width if seen else None,
        height=settings.height if seen else None,
        fps=str(settings.fps) if item.role is InputRole.MOTION else None,
        frames=item.frames,
        kept=_kept(item, job, bundle, source),
        tone_mapped=source.dynamic_range in {DynamicRange.PQ, DynamicRange.HLG},
    )


def _kept(item: NormalisedInput, job: JobRow, bundle: Bundle, source: MediaFacts) -> Crop | None:
    if source.width is None or source.height is None:
        return None
    crop = job.request.crop if item.role is InputRole.CHARACTER else None
    return kept_part(source.width, source.height, bundle.plan.settings, crop or Crop())


def _segment(row: CheckpointRow, graph: dict[str, Any], values: dict[str, Any]) -> ManifestSegment:
    cached = set(row.outcome.cached_nodes)
    return ManifestSegment(
        index=row.segment,
        frames=row.frames,
        seed=row.seed,
        generation=row.generation,
        prompt_id=row.prompt_id,
        backend=row.backend_id,
        backend_version=row.submitted.backend_version,
        node_fingerprint=row.submitted.node_fingerprint,
        graph_sha256=row.submitted.graph.sha256,
        video_sha256=row.files[OutputKind.VIDEO].sha256,
        files={kind: file.sha256 for kind, file in row.files.items()},
        taken_from=row.taken_from,
        drift=row.drift,
        bound_values=values,
        execution_s=row.render_s,
        fresh=sorted(set(graph) - cached),
        reused=sorted(set(graph) & cached),
    )


def _debug(bundle: Bundle, history: list[Event]) -> DebugMetadata:
    request = bundle.request
    return DebugMetadata(
        job_id=request.job_id,
        plan=bundle.plan,
        plan_key=request.plan.key,
        graph_keys=[row.submitted.graph.key for row in bundle.made],
        segment_keys=[row.files[OutputKind.VIDEO].key for row in bundle.made],
        input_keys=[item.file.key for item in bundle.inputs.inputs],
        timings=[Timing(event=event.type, at=event.created_at) for event in history],
        backend_messages=[row.outcome.cause for row in bundle.made if row.outcome.cause],
    )
