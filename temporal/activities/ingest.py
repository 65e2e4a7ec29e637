import asyncio
from pathlib import Path

import structlog
from temporalio import activity

from proto.asset import Examined, ExamineRequest, IngestRequest, Inspection
from proto.errors import ErrorCode
from proto.media import AssetKind, StoredFile
from services.media.errors import MediaRefused
from services.media.examine import Seen, examine
from services.media.inspect import inspect
from services.media.isolation import ChildFailed, Crashed
from services.store.objects import ObjectMissing
from temporal.activities.heartbeat import heartbeating
from temporal.activities.scratch import scratch_folder
from temporal.activities.workbench import Workbench
from temporal.queues import EXAMINE_UPLOAD, INSPECT_UPLOAD

log = structlog.get_logger()

CRASHED = "We can't read this file safely. Export it again, or choose another one."
GONE = "We don't have this file any more. Add it again."

Unreadable = (MediaRefused, Crashed, ChildFailed, ObjectMissing)


class IngestActivities:
    """Reading uploads. One that can't be read ends in a refusal, never in a failure."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    @activity.defn(name=INSPECT_UPLOAD.name)
    async def inspect_upload(self, request: IngestRequest) -> Inspection:
        async with heartbeating(), scratch_folder() as folder:
            try:
                upload = await self._workbench.open_upload(request.file, folder)
                found = await self._workbench.isolation.run(inspect, upload, request.kind, folder)
            except Unreadable as error:
                code, message = _refusal(request, error)
                return Inspection(refused_code=code, refused_message=message)
            thumbnail, examined = await asyncio.gather(
                self._put(request, folder, found.thumbnail),
                self._examined(request, folder, found.seen),
            )
            return Inspection(
                facts=found.facts,
                thumbnail=thumbnail,
                plays_everywhere=found.plays_everywhere,
                examined=examined,
            )

    @activity.defn(name=EXAMINE_UPLOAD.name)
    async def examine_upload(self, request: ExamineRequest) -> Examined:
        async with heartbeating(), scratch_folder() as folder:
            try:
                upload = await self._workbench.open_upload(request.file, folder)
                seen = await self._workbench.isolation.run(
                    examine,
                    upload,
                    request.kind,
                    request.facts,
                    folder,
                    wants_proxy=request.wants_proxy,
                )
            except Unreadable as error:
                code, message = _refusal(request, error)
                return Examined(refused_code=code, refused_message=message)
            return await self._stored(request, folder, seen)

    async def _examined(
        self, request: IngestRequest, folder: Path, seen: Seen | None
    ) -> Examined | None:
        return None if seen is None else await self._stored(request, folder, seen)

    async def _stored(self, request: IngestRequest, folder: Path, seen: Seen) -> Examined:
        proxy, waveform, *stills = await asyncio.gather(
            *(self._put(request, folder, name) for name in (seen.proxy, seen.waveform)),
            *(self._put(request, folder, name) for name in seen.stills),
        )
        return Examined(
            examination=seen.examination,
            proxy=proxy,
            waveform=waveform,
            stills=[still for still in stills if still],
            warnings=seen.notices,
        )

    async def _put(
        self, request: IngestRequest, folder: Path, name: str | None
    ) -> StoredFile | None:
        if name is None:
            return None
        key = f"assets/{request.asset_id}/{name}"
        content_type = _content_type(request.kind, Path(name).suffix)
        return await self._workbench.objects.put_file(key, folder / name, content_type)


def _content_type(kind: AssetKind, suffix: str) -> str:
    if suffix == ".mp4":
        return f"{kind}/mp4"
    return {".jpg": "image/jpeg", ".json": "application/json"}[suffix]


def _refusal(request: IngestRequest, error: Exception) -> tuple[ErrorCode, str]:
    if isinstance(error, MediaRefused):
        log.info("upload refused", asset_id=request.asset_id, cause=error.message)
        return error.code, error.message
    if isinstance(error, ObjectMissing):
        log.info("upload gone", asset_id=request.asset_id)
        return ErrorCode.MISSING_ASSET, GONE
    # No file of a stranger's is worth a retry; what is ours to mend is in the log.
    log.error("upload broke its reader", asset_id=request.asset_id, cause=str(error))
    return ErrorCode.INVALID_ASSET_FORMAT, CRASHED
