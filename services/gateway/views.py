from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from proto.asset import Asset
from proto.job import (
    TERMINAL,
    GrowingVideo,
    Job,
    JobAction,
    JobOutput,
    JobSegment,
    JobStatus,
    OutputFile,
    OutputName,
    SegmentState,
    Wait,
)
from proto.media import StoredFile
from services.store.assets import AssetRow
from services.store.checkpoints import CheckpointRow
from services.store.jobs import JobRow
from services.store.objects import UrlSigner
from services.store.outputs import OutputRow

MIME_TYPES = {
    OutputName.VIDEO: "video/mp4",
    OutputName.POSTER: "image/jpeg",
    OutputName.FIRST_FRAME: "image/png",
    OutputName.ANIMATED_PREVIEW: "image/webp",
    OutputName.MANIFEST: "application/json",
    OutputName.DEBUG: "application/json",
    OutputName.POSE_PREVIEW: "video/mp4",
}


@dataclass(frozen=True)
class Views:
    """Rows as the API shows them, with URLs signed for the caller's origin."""

    signer: UrlSigner
    origin: str

    def asset(self, row: AssetRow) -> Asset:
        facts, seen = row.facts, row.examination
        loudness = seen.loudness if seen else None
        return Asset(
            asset_id=row.asset_id,
            asset_type=row.kind,
            mime_type=facts.mime_type,
            original_filename=row.original_filename,
            storage_url=self._url(row.original_key),
            thumbnail_url=self._url(row.thumbnail_key) if row.thumbnail_key else None,
            proxy_url=self._url(row.proxy_key) if row.proxy_key else None,
            width=facts.width,
            height=facts.height,
            duration_seconds=facts.duration_s,
            fps=round(float(facts.fps), 3) if facts.fps else None,
            has_audio=facts.has_audio,
            codec=facts.codec,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            rotation=facts.rotation,
            variable_rate=facts.variable_rate,
            dynamic_range=facts.dynamic_range,
            sample_rate=facts.sample_rate,
            channels=facts.channels,
            checked=seen is not None or row.unusable is not None,
            loudness_lufs=loudness.integrated_lufs if loudness else None,
            speech_seconds=seen.speech_s if seen else None,
            cuts=seen.cuts if seen else None,
            faces=seen.faces if seen else None,
            still_urls=[self._url(key) for key in row.still_keys],
            still_times=seen.still_times if seen else [],
            waveform_url=self._url(row.waveform_key) if row.waveform_key else None,
            unusable=row.unusable,
            warnings=row.warnings,
            created_at=row.created_at,
        )

    def job(
        self,
        row: JobRow,
        *,
        character: AssetRow | None,
        output: OutputRow | None,
        wait: Wait | None,
    ) -> Job:
        shown = self.output(output) if output and row.status == "completed" else None
        return Job(
            job_id=row.job_id,
            mode=row.mode,
            workflow_template=str(row.template),
            status=row.status,
            rev=row.rev,
            stage=row.stage,
            progress=row.progress,
            queue_position=wait.position if wait else None,
            wait=wait,
            eta_seconds=row.eta,
            error=row.error,
            submitted_by=row.owner,
            prompt=row.request.prompt,
            negative_prompt=row.request.negative_prompt,
            settings_json=row.request,
            seed=row.seed,
            comfy_prompt_id=row.prompt_id,
            poster_url=shown.poster_url if shown else self._thumbnail(character),
            output=shown,
            segment_count=row.segment_count,
            segments_done=row.segments_done,
            growing=None if shown else self._growing(row),
            warnings=row.warnings,
            actions=actions(row),
            origin=row.origin,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    def output(self, row: OutputRow) -> JobOutput:
        files = {name: self._file(name, stored) for name, stored in row.files.items()}
        video = row.files[OutputName.VIDEO]
        return JobOutput(
            output_id=row.output_id,
            job_id=row.job_id,
            video_url=files[OutputName.VIDEO].url,
            download_url=self._url(video.key, f"animatrix-{row.job_id[:8]}.mp4"),
            poster_url=files[OutputName.POSTER].url,
            manifest_url=files[OutputName.MANIFEST].url,
            duration_seconds=row.duration_s,
            resolution=f"{row.width}x{row.height}",
            fps=float(row.fps),
            frame_count=row.frame_count,
            has_audio=row.has_audio,
            simulated=row.simulated,
            stopped_early=row.stopped_early,
            files=files,
            created_at=row.created_at or datetime.now(UTC),
        )

    def segments(self, row: JobRow, made: Sequence[CheckpointRow]) -> list[JobSegment]:
        """The parts of the job's video, as its plan has them; none before it is planned."""
        done = {checkpoint.segment: checkpoint for checkpoint in made}
        missing = [index for index in range(row.segment_count) if index not in done]
        shown = []
        start, fps = 0, row.settings.fps
        for index, outline in enumerate(row.plan.segments if row.plan else []):
            checkpoint = done.get(index)
            renders = row.status is JobStatus.EXECUTING and missing[:1] == [index]
            shown.append(
                JobSegment(
                    index=index,
                    start_seconds=float(start / fps),
                    duration_seconds=float(outline.frames / fps),
                    frame_count=outline.frames,
                    state=_state(
                        done=checkpoint is not None or _is_in_result(row, index), renders=renders
                    ),
                    taken_over=checkpoint is not None and checkpoint.taken_from is not None,
                    warnings=[warning for warning in row.warnings if warning.segment == index],
                )
            )
            start += outline.frames
        return shown

    def _growing(self, row: JobRow) -> GrowingVideo | None:
        if row.growing is None:
            return None
        return GrowingVideo(
            video_url=self._url(row.growing.video.key),
            duration_seconds=float(row.growing.frames / row.settings.fps),
            frame_count=row.growing.frames,
            segments=row.growing.segments,
        )

    def _thumbnail(self, asset: AssetRow | None) -> str | None:
        return self._url(asset.thumbnail_key) if asset and asset.thumbnail_key else None

    def _file(self, name: OutputName, stored: StoredFile) -> OutputFile:
        return OutputFile(
            url=self._url(stored.key),
            mime_type=MIME_TYPES[name],
            size_bytes=stored.size_bytes,
            sha256=stored.sha256,
        )

    def _url(self, key: str, download_name: str | None = None) -> str:
        period = int(datetime.now(UTC).timestamp() / (self.signer.lifetime.total_seconds() / 2))
        return _signed(self.signer, self.origin, key, download_name, period)


# The same URL for a while: a player that is shown the same row again keeps its video.
@lru_cache(maxsize=8192)
def _signed(
    signer: UrlSigner, origin: str, key: str, download_name: str | None, _period: int
) -> str:
    return signer.sign(origin, key, download_name=download_name)


def actions(row: JobRow) -> list[JobAction]:
    """What the owner can do with the job now."""
    return list(_actions(row))


def _actions(row: JobRow) -> Iterator[JobAction]:
    runs = row.status not in TERMINAL and row.status is not JobStatus.CANCELLING
    in_parts = row.segment_count > 1
    begun = row.segments_done > 0 or row.status is JobStatus.EXECUTING
    # With the last part rendered there is nothing left to leave out.
    more = row.segments_done < row.segment_count and row.status is not JobStatus.COLLECTING_OUTPUTS
    if runs:
        yield JobAction.CANCEL
    if runs and begun and more and in_parts and row.wish != JobAction.KEEP:
        yield JobAction.KEEP
    if runs and row.deciding and row.wish is None:
        yield JobAction.CONTINUE
    if row.status in {JobStatus.FAILED, JobStatus.CANCELLED}:
        yield JobAction.RETRY
    # A retry needs none of the parts: without them it begins anew.
    has_parts = in_parts and row.segments_done > 0 and row.parts_purged_at is None
    if has_parts and row.status is not JobStatus.CANCELLING:
        yield JobAction.AGAIN


def _is_in_result(row: JobRow, index: int) -> bool:
    """Whether the finished video has the part, though it is not kept by itself any more."""
    return row.status is JobStatus.COMPLETED and index < row.segments_done


def _state(*, done: bool, renders: bool) -> SegmentState:
    if done:
        return SegmentState.DONE
    return SegmentState.RENDERING if renders else SegmentState.WAITING
