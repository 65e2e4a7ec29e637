"""Links to a video, for people who don't sign in: made and ended by its owner, open to all."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from proto.errors import ErrorCode
from proto.job import JobStatus, OutputName
from proto.share import NewShare, Share, ShareList, SharePage, ShareRequest
from services.gateway.errors import ApiError
from services.gateway.jobs import find_job
from services.gateway.share_page import HEADERS, Shown, gone_page, share_page
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
from services.gateway.views import Views
from services.store import assets, jobs, outputs, shares
from services.store.database import Connection
from services.store.outputs import OutputRow
from services.store.page import Cursor, cut_page

router = APIRouter(tags=["shares"])

FILE_LIFETIME = timedelta(minutes=10)
"""Of the address that a link's video is fetched from; asking the link again gives a new one."""


@router.post("/api/jobs/{job_id}/shares", status_code=201)
async def create_share(
    job_id: str, body: ShareRequest, gateway: GatewayDep, caller: CallerDep, views: ViewsDep
) -> NewShare:
    """Make a link by which anybody sees the finished video. Its address is shown this once."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        row = await find_job(connection, caller.owner, job_id)
        if row.status is not JobStatus.COMPLETED:
            message = "Only a finished video can be shared. This one is not finished."
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message)
        try:
            share = await shares.add(
                connection, job_id, row.owner, body, by=caller.actor.name, origin=views.origin
            )
        except shares.TooManyShares as error:
            message = f"This video has {shares.MOST_LIVE} links already. End one of them first."
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message) from error
        await caller.note(
            connection,
            "share.create",
            share.share_id,
            after={"job_id": job_id, **body.model_dump(mode="json")},
        )
    return share


@router.get("/api/jobs/{job_id}/shares")
async def list_job_shares(job_id: str, gateway: GatewayDep, owner: OwnerDep) -> ShareList:
    """The links to a video, newest first; those that have ended too."""
    async with gateway.pool.acquire() as connection:
        await find_job(connection, owner, job_id)
        return ShareList(items=await shares.list_of_job(connection, job_id))


@router.get("/api/shares")
async def list_shares(
    gateway: GatewayDep, owner: OwnerDep, cursor: CursorDep, limit: LimitParam = 50
) -> SharePage:
    """All of the caller's links, newest first."""
    return await page_of(gateway, owner, cursor, limit)


@router.delete("/api/shares/{share_id}", status_code=204)
async def revoke_share(share_id: str, gateway: GatewayDep, caller: CallerDep) -> None:
    """End a link. Harmless twice."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        share = await shares.find(connection, share_id)
        if share is None or share.owner != caller.owner:
            raise no_share()
        await end_share(connection, caller, share)


async def page_of(
    gateway: Gateway, owner: str | None, cursor: Cursor | None, limit: int
) -> SharePage:
    async with gateway.pool.acquire() as connection:
        rows = await shares.list_page(connection, owner, cursor, limit + 1)
    items, next_cursor = cut_page(
        rows, limit, lambda share: Cursor(at=share.created_at, id=share.share_id)
    )
    return SharePage(items=items, next_cursor=next_cursor)


async def end_share(connection: Connection, caller: Caller, share: Share) -> None:
    """Revoke it and leave an audit line, in the caller's transaction."""
    if await shares.revoke(connection, share.share_id):
        await caller.note(
            connection, "share.revoke", share.share_id, after={"job_id": share.job_id}
        )


def no_share() -> ApiError:
    return ApiError(ErrorCode.NOT_FOUND, "This link does not exist, or is not yours.")


async def _opened(
    token: Annotated[str, Path(max_length=200)], gateway: GatewayDep
) -> tuple[Share, OutputRow] | None:
    async with gateway.pool.acquire() as connection:
        share = await shares.find_open(connection, token)
        if share is None:
            return None
        made = await outputs.find_of_jobs(connection, [share.job_id])
    output = made.get(share.job_id)
    return None if output is None else (share, output)


OpenedDep = Annotated[tuple[Share, OutputRow] | None, Depends(_opened)]


@router.get(
    "/s/{token}", response_class=HTMLResponse, responses={404: {"content": {"text/html": {}}}}
)
async def show_share(
    token: str, gateway: GatewayDep, views: ViewsDep, opened: OpenedDep
) -> HTMLResponse:
    """The page of a shared video."""
    if opened is None:
        return HTMLResponse(gone_page(), status_code=404, headers=HEADERS)
    share, output = opened
    async with gateway.pool.acquire() as connection:
        await shares.count_view(connection, share.share_id)
        shown = await _shown(connection, views, share)
    page = share_page(f"{views.origin}/s/{token}", share, output, shown)
    return HTMLResponse(page, headers=HEADERS)


async def _shown(connection: Connection, views: Views, share: Share) -> Shown:
    """What the owner lets people see besides the video."""
    row = await jobs.get(connection, share.job_id)
    inputs = []
    if share.show_inputs:
        wanted = await assets.list_of_job(connection, share.job_id)
        found = await assets.find(connection, row.owner, wanted)
        shown = [views.asset(asset) for asset in found.values()]
        inputs = [asset.thumbnail_url for asset in shown if asset.thumbnail_url]
    return Shown(prompt=row.request.prompt if share.show_prompt else None, inputs=inputs)


@router.head("/s/{token}/video.mp4", include_in_schema=False)
@router.get("/s/{token}/video.mp4", status_code=307, response_class=RedirectResponse)
async def show_video(
    gateway: GatewayDep,
    views: ViewsDep,
    opened: OpenedDep,
    *,
    download: Annotated[bool, Query()] = False,
) -> Response:
    """Leads to the file for a while. download: as a file to keep, where the link allows it."""
    if opened is None or (download and not opened[0].allow_download):
        raise _nothing()
    share, output = opened
    name = f"animatrix-{share.job_id[:8]}.mp4" if download else None
    return _file(gateway, views, output.files[OutputName.VIDEO].key, name)


@router.head("/s/{token}/poster.jpg", include_in_schema=False)
@router.get("/s/{token}/poster.jpg", status_code=307, response_class=RedirectResponse)
async def show_poster(gateway: GatewayDep, views: ViewsDep, opened: OpenedDep) -> Response:
    """Leads to the video's still for a while."""
    if opened is None:
        raise _nothing()
    return _file(gateway, views, opened[1].files[OutputName.POSTER].key)


def _nothing() -> ApiError:
    return ApiError(ErrorCode.NOT_FOUND, "This link has ended, or never existed.")


def _file(gateway: Gateway, views: Views, key: str, name: str | None = None) -> RedirectResponse:
    url = gateway.signer.sign(views.origin, key, download_name=name, lifetime=FILE_LIFETIME)
    return RedirectResponse(url, status_code=307, headers=HEADERS)
