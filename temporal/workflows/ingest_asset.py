from temporalio import workflow

from proto.asset import IngestedAsset, IngestRequest, IngestVerdict, Inspection
from proto.media import AssetKind, StoredFile
from temporal.queues import (
    DISCARD_UPLOAD,
    INGEST_ASSET,
    INSPECT_UPLOAD,
    MAKE_PROXY,
    RECORD_ASSET,
)
from temporal.workflows.call import call


@workflow.defn(name=INGEST_ASSET)
class IngestAsset:
    """Read an upload; make it usable, or say why not and forget it."""

    @workflow.run
    async def run(self, request: IngestRequest) -> IngestVerdict:
        inspection = await call(
            INSPECT_UPLOAD, request, activity_id="inspect", summary=f"read the {request.kind}"
        )
        if inspection.facts is None:
            await call(DISCARD_UPLOAD, request, activity_id="discard", summary="forget the upload")
            return IngestVerdict(
                asset_id=request.asset_id,
                accepted=False,
                refused_code=inspection.refused_code,
                refused_message=inspection.refused_message,
            )
        proxy = await self._proxy(request, inspection)
        await call(
            RECORD_ASSET,
            IngestedAsset(asset_id=request.asset_id, inspection=inspection, proxy_key=proxy),
            activity_id="record",
            summary="ready to use",
        )
        return IngestVerdict(asset_id=request.asset_id, accepted=True)

    async def _proxy(self, request: IngestRequest, inspection: Inspection) -> str | None:
        """The key of what a browser plays: the upload itself where every browser can."""
        if request.kind is AssetKind.IMAGE:
            return None
        if inspection.plays_everywhere:
            return request.key
        made: StoredFile = await call(
            MAKE_PROXY, request, activity_id="proxy", summary="a copy that plays everywhere"
        )
        return made.key
