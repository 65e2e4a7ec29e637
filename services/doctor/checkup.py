"""One backend under observation: what its signs are, and what is done about them."""

import io
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from proto.backend import Backend, BackendFacts, BackendState, Finding
from services.comfy import system
from services.comfy.connection import ComfyConnection, ComfyError, ComfyRejected
from services.comfy.health import Diagnosis
from services.comfy.queue import Queue
from services.doctor.hearing import Hearing
from services.doctor.memory import Climb, MemoryWatch
from services.doctor.signs import (
    WINDOW,
    Change,
    Signs,
    dead_executor,
    findings_of,
    worst_to_drain_for,
)
from services.store import backends
from services.store.backends import Treatment
from services.store.database import Connection

log = structlog.get_logger()

EXAMINE_EVERY_S = 5.0
UPLOAD_EVERY_S = 600.0
UPLOAD_AGAIN_EVERY_S = 30.0
PROBE = ("probe.bin", bytes(64 << 10))
PROBE_FIELDS = {"type": "input", "subfolder": "animatrix", "overwrite": "true"}


class Checkup:
    """What is known of one backend from one look to the next.

    is_changed: it runs another version than the row says, so that its inventory is out of date.
    """

    def __init__(self, comfy: ComfyConnection, hearing: Hearing) -> None:
        self.is_changed = False
        self._comfy = comfy
        self._hearing = hearing
        self._watches: dict[str, MemoryWatch] = {}
        self._climb: Climb | None = None
        self._failed_uploads = 0
        self._examined_at = self._uploaded_at = -math.inf
        self._restarted_at = datetime.min.replace(tzinfo=UTC)
        self._change: Change | None = None

    def restarted(self) -> None:
        """It is another process: what the one before did is not held against it."""
        self._restarted_at = datetime.now(UTC)
        self._watches, self._climb, self._failed_uploads = {}, None, 0
        self._uploaded_at = -math.inf

    def learned(self, before: BackendFacts | None, after: BackendFacts) -> None:
        """What it is now, and was before."""
        self.is_changed = False
        if before is not None and _identity(before) != _identity(after):
            self._change = Change(before, after)

    async def examine(self, row: Backend, line: Queue) -> None:
        """Ask it what only it knows, now and then. Raises ComfyError."""
        self._hearing.observe(line)
        now = time.monotonic()
        if line.running or line.pending:
            for watch in self._watches.values():
                watch.forget()
            return
        if now - self._examined_at < EXAMINE_EVERY_S:
            return
        self._examined_at = now
        server = await system.stats(self._comfy)
        self.is_changed = row.facts is not None and row.facts.version != server.comfyui_version
        self._climb = self._look_at_memory(server)
        pause_s = UPLOAD_AGAIN_EVERY_S if self._failed_uploads else UPLOAD_EVERY_S
        if now - self._uploaded_at >= pause_s:
            self._uploaded_at = now
            await self._try_upload()

    def _look_at_memory(self, server: system.SystemStats) -> Climb | None:
        climbs = [
            self._watches.setdefault(memory.name, MemoryWatch()).look(memory)
            for memory in system.memories(server)
        ]
        return next((climb for climb in climbs if climb is not None), None)

    async def _try_upload(self) -> None:
        """Write a file over itself: a full disk refuses that too."""
        name, content = PROBE
        try:
            await self._comfy.post_file("/upload/image", PROBE_FIELDS, (name, io.BytesIO(content)))
        except ComfyRejected:
            self._failed_uploads = 0
        except ComfyError as error:
            self._failed_uploads += 1
            log.warning("upload failed", url=self._comfy.url, cause=str(error))
        else:
            self._failed_uploads = 0

    async def note(
        self, connection: Connection, row: Backend, diagnosis: Diagnosis, *, well: str | None
    ) -> None:
        """Tell the row what is found, and do what is to be done.

        well: why a quarantined backend is to be tried again.
        """
        since = self._held_against_since(row)
        signs = Signs(
            row=row,
            diagnosis=diagnosis,
            failures=await backends.count_failures(connection, row.backend_id, since),
            climb=self._climb,
            failed_uploads=self._failed_uploads,
            is_silent=self._hearing.is_silent,
            change=self._change,
            peers=await backends.list_peers(connection, row.backend_id),
        )
        findings = findings_of(signs, datetime.now(UTC))
        if findings != row.findings:
            await backends.set_findings(connection, row.backend_id, findings)
        kinds = [finding.kind for finding in findings]
        if kinds != [finding.kind for finding in row.findings]:
            log.info("findings", backend=row.backend_id, kinds=kinds)
        self._change = None
        await self._treat(connection, row, findings, well)

    def _held_against_since(self, row: Backend) -> datetime:
        since = max(datetime.now(UTC) - WINDOW, self._restarted_at)
        # Who gives it work again has judged what was before.
        return max(since, row.state_changed_at) if row.state is BackendState.OFFERED else since

    async def _treat(
        self, connection: Connection, row: Backend, findings: Sequence[Finding], well: str | None
    ) -> None:
        treatment = _treatment(row, findings, well)
        if treatment is None:
            return
        drains = treatment.state is BackendState.DRAINING
        if drains and not await backends.can_spare(connection, row.backend_id):
            return
        if await backends.treat(connection, row, treatment, allowed=[row.state]):
            log.warning(
                "backend treated",
                backend=row.backend_id,
                state=treatment.state,
                because=treatment.because,
                cause=treatment.why,
            )


def _treatment(row: Backend, findings: Sequence[Finding], well: str | None) -> Treatment | None:
    """None where it stays as it is, as all do that people decided."""
    drained_by_us = row.state is BackendState.DRAINING and row.because is not None
    dead, worst = dead_executor(findings), worst_to_drain_for(findings)
    if row.state is BackendState.QUARANTINED:
        return _offer(well) if well is not None else None
    if dead is not None and (row.state is BackendState.OFFERED or drained_by_us):
        return _treat_for(dead, BackendState.QUARANTINED)
    if row.state is BackendState.OFFERED and worst is not None:
        return _treat_for(worst, BackendState.DRAINING)
    if drained_by_us and worst is None:
        return _offer(f"over: {row.reason}")
    return None


def _treat_for(finding: Finding, state: BackendState) -> Treatment:
    return Treatment(state=state, because=finding.kind, why=finding.message)


def _offer(why: str) -> Treatment:
    return Treatment(state=BackendState.OFFERED, because=None, why=why)


def _identity(facts: BackendFacts) -> tuple[str, str]:
    return facts.version, facts.node_fingerprint
