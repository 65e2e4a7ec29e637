"""Asking all servers at once how they are."""

import asyncio
from collections.abc import Awaitable, Mapping

import asyncpg
from temporalio.service import RPCError

from proto.backend import Backend
from services.comfy import system
from services.comfy.access import Access
from services.comfy.connection import (
    ComfyConnection,
    ComfyDenied,
    ComfyError,
    ComfyProtocol,
    ComfyRejected,
)
from services.doctor.report import BackendReport, Report, ServiceReport
from services.doctor.signs import is_old
from services.settings import Settings
from services.store import backends
from services.store.database import DATABASE_ERRORS
from services.store.objects import ObjectStoreUnavailable, open_object_store
from temporal.client import connect
from workflows_comfy.needs import Stock, lacks, model_folders
from workflows_comfy.profiles import Profiles

PATIENCE_S = 15.0
"""A server that loads a model stalls its HTTP for seconds."""


async def ask_backend(url: str, access: Access | None, profiles: Profiles) -> BackendReport:
    async with ComfyConnection(url, timeout_s=PATIENCE_S, access=access) as comfy:
        try:
            found = await system.inventory(comfy, model_folders())
        except ComfyError as error:
            return BackendReport(url=comfy.url, problem=_problem(error))
    needs = lacks(profiles, Stock(found.nodes, found.models, found.facts.vram_bytes))
    return BackendReport(
        url=comfy.url,
        facts=found.facts,
        is_old=is_old(found.facts.version),
        abilities=[ability for ability, missing in needs.items() if not missing],
        missing={ability: missing for ability, missing in needs.items() if missing},
    )


def _problem(error: ComfyError) -> str:
    if isinstance(error, ComfyDenied):
        return f"refuses us: {error}. See ANIMATRIX_COMFY_ACCESS."
    if isinstance(error, (ComfyProtocol, ComfyRejected)):
        return f"answers, and is no ComfyUI: {error}. Is the address right?"
    return f"does not answer: {error}. Is it started, and the address right?"


async def ask_all(
    urls: list[str], access: Mapping[str, Access], profiles: Profiles, settings: Settings | None
) -> Report:
    """settings: of the installation, whose own servers are asked too; None asks ComfyUI only."""
    asked = [ask_backend(url, access.get(url), profiles) for url in urls]
    if settings is None:
        return Report(services=[], backends=await asyncio.gather(*asked))
    found, database, temporal, objects = await asyncio.gather(
        asyncio.gather(*asked),
        _rows(settings),
        _ask("Temporal", settings.temporal_address, connect(settings, identity="doctor")),
        _ask("S3", settings.s3_endpoint, _ask_objects(settings)),
    )
    known, postgres = database
    return Report(
        services=[postgres, temporal, objects],
        backends=[one.model_copy(update={"known": known.get(one.url)}) for one in found],
    )


async def _ask(name: str, address: str, asked: Awaitable[object]) -> ServiceReport:
    label = f"{name} at {address}"
    try:
        await asyncio.wait_for(asked, PATIENCE_S)
    # The workflow client raises RuntimeError when it can't connect.
    except (RPCError, RuntimeError, ObjectStoreUnavailable, TimeoutError) as error:
        return ServiceReport(name=label, problem=_first_line(error))
    return ServiceReport(name=label)


async def _ask_objects(settings: Settings) -> None:
    async with open_object_store(settings) as objects:
        await objects.check()


async def _rows(settings: Settings) -> tuple[dict[str, Backend], ServiceReport]:
    """What the rows say of the backends, by URL, and how the database is."""
    try:
        connection = await asyncpg.connect(
            settings.database_url.get_secret_value(), timeout=PATIENCE_S
        )
        try:
            rows = await backends.list_all(connection)
        finally:
            await connection.close()
    except (*DATABASE_ERRORS, TimeoutError) as error:
        return {}, ServiceReport(name="Postgres", problem=_first_line(error))
    return {row.url: row for row in rows}, ServiceReport(name="Postgres")


def _first_line(error: BaseException) -> str:
    words = str(error).strip().splitlines()
    return f"does not answer: {words[0] if words else type(error).__name__}"
