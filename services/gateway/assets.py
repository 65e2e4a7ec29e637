from pathlib import PurePath

from fastapi import APIRouter, Request

from proto.asset import Asset, AssetPage, IngestRequest
from proto.errors import ErrorCode
from proto.formats import accepted_extensions, sniff
from proto.ids import new_id
from proto.media import AssetKind
from services.gateway.errors import ApiError
from services.gateway.limits import check_upload
from services.gateway.state import (
    Caller,
    CallerDep,
    CursorDep,
    Gateway,
    GatewayDep,
    LimitParam,
    OwnerDep,
    ViewsDep,
)
from services.gateway.upload import FORM_BYTES, UploadedFile
from services.store import assets, limits
from services.store.page import Cursor, cut_page
from temporal.client import ingest

router = APIRouter(prefix="/api/assets", tags=["assets"])

FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post("/{kind}", status_code=201, openapi_extra=FILE_BODY)
async def upload_asset(
    kind: AssetKind, request: Request, gateway: GatewayDep, caller: CallerDep, views: ViewsDep
) -> Asset:
    """Upload a picture, a clip or a sound, as multipart form field `file`."""
    file = UploadedFile(request, max_bytes=_max_bytes(gateway, kind))
    try:
        await _check_size(gateway, caller.owner, request)
        await file.open()
        asset = await _store(gateway, caller, kind, file, _content_type(kind, file))
    except ApiError:
        await file.drain()
        raise
    verdict = await ingest(
        gateway.temporal,
        IngestRequest(asset_id=asset.asset_id, kind=kind, file=asset.original),
    )
    if not verdict.accepted:
        raise ApiError(
            verdict.refused_code or ErrorCode.INVALID_ASSET_FORMAT,
            verdict.refused_message or "We could not read this file.",
            field="file",
        )
    return await _get(gateway, caller.owner, views, asset.asset_id)


@router.get("/{asset_id}")
async def get_asset(asset_id: str, gateway: GatewayDep, owner: OwnerDep, views: ViewsDep) -> Asset:
    return await _get(gateway, owner, views, asset_id)


@router.get("")
async def list_assets(
    gateway: GatewayDep,
    owner: OwnerDep,
    views: ViewsDep,
    cursor: CursorDep,
    limit: LimitParam = 24,
) -> AssetPage:
    """The caller's files, newest first."""
    async with gateway.pool.acquire() as connection:
        rows = await assets.list_page(connection, owner, cursor, limit + 1)
    page, next_cursor = cut_page(
        rows, limit, lambda row: Cursor(at=row.created_at, id=row.asset_id)
    )
    return AssetPage(items=[views.asset(row) for row in page], next_cursor=next_cursor)


@router.delete("/{asset_id}", status_code=204)
async def delete_asset(asset_id: str, gateway: GatewayDep, caller: CallerDep) -> None:
    """Delete a file that no unfinished job needs."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        found = await assets.find(connection, caller.owner, [asset_id])
        if asset_id not in found:
            raise _unknown()
        if not await assets.delete_unused(connection, caller.owner, asset_id):
            message = "A video that is still being made needs this file. Stop it first, or wait."
            raise ApiError(ErrorCode.ASSET_IN_USE, message)
        await caller.note(connection, "asset.delete", asset_id)
    await gateway.objects.delete(found[asset_id].keys)


async def _store(
    gateway: Gateway, caller: Caller, kind: AssetKind, file: UploadedFile, content_type: str
) -> assets.NewAsset:
    asset_id = new_id()
    stored = await gateway.objects.put_stream(
        f"uploads/{asset_id}/original", file.chunks(), content_type
    )
    asset = assets.NewAsset(
        asset_id=asset_id,
        owner=caller.owner,
        kind=kind,
        original_filename=file.filename or "file",
        original_key=stored.key,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
    )
    try:
        async with gateway.pool.acquire() as connection, connection.transaction():
            await limits.lock(connection, caller.owner)
            await check_upload(gateway, connection, caller.owner, stored.size_bytes)
            await assets.insert(connection, asset)
            await caller.note(connection, "asset.create", asset_id)
    except ApiError:
        await gateway.objects.delete([stored.key])
        raise
    return asset


async def _check_size(gateway: Gateway, owner: str, request: Request) -> None:
    """Before any of it is read; what was announced may still be less than what comes."""
    announced = int(request.headers.get("content-length", 0))
    async with gateway.pool.acquire() as connection:
        await check_upload(gateway, connection, owner, max(0, announced - FORM_BYTES))


async def _get(gateway: Gateway, owner: str, views: ViewsDep, asset_id: str) -> Asset:
    async with gateway.pool.acquire() as connection:
        found = await assets.find(connection, owner, [asset_id])
    if asset_id not in found:
        raise _unknown()
    return views.asset(found[asset_id])


def _content_type(kind: AssetKind, file: UploadedFile) -> str:
    """The file's type by its first bytes. Refuses what no decoder of ours should ever see.

    The name decides only where it has an extension; the media worker has the last word.
    """
    extensions = accepted_extensions(kind)
    extension = PurePath(file.filename or "").suffix.lower()
    found = sniff(file.head)
    if (extension and extension not in extensions) or not found or kind not in found.mime_types:
        listed = ", ".join(extension.lstrip(".").upper() for extension in extensions)
        message = f"{WHAT[kind]} Use one of: {listed}."
        raise ApiError(ErrorCode.INVALID_ASSET_FORMAT, message, field="file")
    return found.mime_types[kind]


WHAT = {
    AssetKind.IMAGE: "This is not a picture we can read.",
    AssetKind.VIDEO: "This is not a clip we can read.",
    AssetKind.AUDIO: "This is not a sound we can read.",
}


def _max_bytes(gateway: Gateway, kind: AssetKind) -> int:
    settings = gateway.settings
    return {
        AssetKind.IMAGE: settings.max_image_bytes,
        AssetKind.VIDEO: settings.max_video_bytes,
        AssetKind.AUDIO: settings.max_audio_bytes,
    }[kind]


def _unknown() -> ApiError:
    return ApiError(ErrorCode.NOT_FOUND, "This file does not exist, or is not yours.")
