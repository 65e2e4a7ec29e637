from temporalio import workflow
from temporalio.exceptions import ActivityError

from proto.asset import (
    Examined,
    ExaminedAsset,
    ExamineRequest,
    IngestedAsset,
    IngestRequest,
    IngestVerdict,
    Inspection,
)
from proto.errors import ErrorCode
from temporal.queues import (
    DISCARD_UPLOAD,
    EXAMINE_UPLOAD,
    INGEST_ASSET,
    INSPECT_UPLOAD,
    RECORD_ASSET,
    RECORD_EXAMINED,
    VERDICT,
)
from temporal.workflows.call import call, details

BROKEN = "Something went wrong on our side while we read this file. Add it again."


@workflow.defn(name=INGEST_ASSET)
class IngestAsset:
    """Read an upload; make it usable, or say why not and forget it. Then decode all of it."""

    def __init__(self) -> None:
        self._verdict: IngestVerdict | None = None

    @workflow.run
    async def run(self, request: IngestRequest) -> IngestVerdict:
        self._describe(request, "the file to be read")
        inspection = await self._inspect(request)
        if inspection.facts is None:
            self._verdict = await self._refuse(request, inspection)
        else:
            self._verdict = await self._accept(request, inspection)
            if inspection.examined is None:
                self._describe(request, "all of the file to be decoded; it can be used already")
                wants_proxy = not inspection.plays_everywhere
                await self._examine(
                    ExamineRequest(
                        **request.model_dump(), facts=inspection.facts, wants_proxy=wants_proxy
                    )
                )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._verdict

    @workflow.update(name=VERDICT)
    async def verdict(self) -> IngestVerdict:
        while self._verdict is None:
            await workflow.wait_condition(lambda: self._verdict is not None)
        return self._verdict

    def _describe(self, request: IngestRequest, waits_for: str) -> None:
        rows = {
            "waits for": waits_for,
            "kind": request.kind,
            "bytes": str(request.file.size_bytes),
            "stored as": f"`{request.file.key}`",
        }
        workflow.set_current_details(details(f"Upload {request.asset_id}", rows))

    async def _inspect(self, request: IngestRequest) -> Inspection:
        try:
            return await call(
                INSPECT_UPLOAD, request, activity_id="inspect", summary=f"read the {request.kind}"
            )
        except ActivityError:
            return Inspection(refused_code=ErrorCode.INTERNAL, refused_message=BROKEN)

    async def _refuse(self, request: IngestRequest, inspection: Inspection) -> IngestVerdict:
        await call(DISCARD_UPLOAD, request, activity_id="discard", summary="forget the upload")
        return IngestVerdict(
            asset_id=request.asset_id,
            accepted=False,
            refused_code=inspection.refused_code,
            refused_message=inspection.refused_message,
        )

    async def _accept(self, request: IngestRequest, inspection: Inspection) -> IngestVerdict:
        await call(
            RECORD_ASSET,
            IngestedAsset(asset_id=request.asset_id, inspection=inspection),
            activity_id="record",
            summary="ready to use",
        )
        return IngestVerdict(asset_id=request.asset_id, accepted=True)

    async def _examine(self, request: ExamineRequest) -> None:
        try:
            examined = await call(
                EXAMINE_UPLOAD,
                request,
                activity_id="examine",
                summary=f"decode the whole {request.kind}",
            )
        except ActivityError:
            examined = Examined(refused_code=ErrorCode.INTERNAL, refused_message=BROKEN)
        await call(
            RECORD_EXAMINED,
            ExaminedAsset(asset_id=request.asset_id, examined=examined),
            activity_id="record-examined",
            summary="known from end to end" if examined.examination else "unusable",
        )
