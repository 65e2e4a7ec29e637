import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from temporalio import activity

from proto.job import Deletion
from proto.retention import (
    BeginRequest,
    Begun,
    RetentionAges,
    RetentionReport,
    RetentionRule,
    RunRef,
    StoredObject,
    SweepRequest,
    Swept,
)
from services.store import audit, forgetting, jobs, retention
from services.store.database import Connection, Pool
from services.store.listing import (
    abort_transfer,
    list_folders,
    list_objects,
    list_transfers,
)
from services.store.objects import ObjectStore
from services.store.retention import Mark
from temporal.activities.deleting import DeletionActivities
from temporal.activities.heartbeat import heartbeating
from temporal.activities.measuring import measure
from temporal.queues import BEGIN_RETENTION, END_RETENTION, SWEEP_RETENTION

log = structlog.get_logger()

FOLDERS_AT_ONCE = 200
SUBJECTS_AT_ONCE = 50
DELETED_AT_ONCE = 16


class AnotherRun(Exception):
    """What is too old is being removed already; this run waits for its turn."""


class RetentionActivities:
    """Removes what is too old and not needed.

    Whatever goes is first marked in a row that names it, and hidden from all who could begin to
    use it; then its objects go, then its own rows. A run that died in between is finished by its
    next try, or by the next run.
    """

    def __init__(self, pool: Pool, objects: ObjectStore, ages: RetentionAges) -> None:
        self._pool = pool
        self._objects = objects
        self._records_days = ages.records
        self._finder = Finder(pool, objects, ages)
        self._remover = Remover(pool, objects, ages)

    @activity.defn(name=BEGIN_RETENTION.name)
    async def begin_retention(self, request: BeginRequest) -> Begun:
        async with self._pool.acquire() as connection:
            if request.dry:
                return Begun(as_of=await retention.now(connection))
            began = await retention.begin(connection, request.run_id, request.who, request.why)
        if began is None:
            raise AnotherRun("another run is removing what is too old")
        return Begun(as_of=began)

    @activity.defn(name=SWEEP_RETENTION.name)
    async def sweep_retention(self, request: SweepRequest) -> Swept:
        async with heartbeating():
            if not request.dry:
                await self._remover.finish_open(request.run_id)
            marks, after = await self._finder.find(request)
            if request.dry:
                return Swept(after=after, removals=[mark.removal for mark in marks if mark.files])
            for mark in marks:
                if await self._remover.claim(mark, request.as_of):
                    await self._remover.remove(mark)
            return Swept(after=after)

    @activity.defn(name=END_RETENTION.name)
    async def end_retention(self, run: RunRef) -> RetentionReport:
        async with heartbeating():
            await self._forget()
            totals = await measure(self._pool, self._objects)
        async with self._pool.acquire() as connection, connection.transaction():
            report = await retention.report(connection, run.run_id)
            if await retention.end(connection, run.run_id, totals):
                await _write_audit(connection, run.run_id, report)
        return report

    async def _forget(self) -> None:
        async with self._pool.acquire() as connection:
            before = _before(await retention.now(connection), self._records_days)
            if before is None:
                return
            forgotten = batch = await forgetting.forget_batch(connection, before)
            while batch.more:
                batch = await forgetting.forget_batch(connection, before)
                forgotten = forgotten.plus(batch)
        log.info("records forgotten", **forgotten.model_dump())


async def _write_audit(connection: Connection, run_id: str, report: RetentionReport) -> None:
    ordered = await retention.get_order(connection, run_id)
    await audit.write(
        connection,
        who=audit.Actor(ordered.who),
        action="retention.run",
        subject=f"retention/{run_id}",
        before=None,
        after=report.model_dump(mode="json"),
        why=ordered.why,
    )


class Finder:
    """What a sweep would remove now, a batch at a time; it changes nothing."""

    def __init__(self, pool: Pool, objects: ObjectStore, ages: RetentionAges) -> None:
        self._pool = pool
        self._objects = objects
        self._ages = ages

    async def find(self, request: SweepRequest) -> tuple[list[Mark], str | None]:
        """The batch, and where the next one begins."""
        match request.rule:
            case RetentionRule.ORPHANS:
                return await self._orphans(request)
            case RetentionRule.TRANSFERS:
                return await self._transfers(request), None
            case RetentionRule.INPUTS:
                return await self._inputs(request)
            case RetentionRule.UNUSED_UPLOADS | RetentionRule.UPLOADS:
                return await self._uploads(request)
            case _:
                return await self._videos(request)

    async def _orphans(self, request: SweepRequest) -> tuple[list[Mark], str | None]:
        """Folders that no row has, without what was stored lately: its row may be on its way."""
        before = _before(request.as_of, self._ages.orphans)
        folder, token = _orphan_place(request.after)
        if before is None:
            return [], None
        page = await list_folders(self._objects, folder, token, FOLDERS_AT_ONCE)
        async with self._pool.acquire() as connection:
            unknown = await retention.list_unknown(connection, folder, page.names)
        marks = []
        for name in unknown:
            files = await self._stored(f"{folder}{name}/")
            named = await self._shared(name, [name]) if folder == "jobs/" else set()
            files = [file for file in files if file.modified_at < before and file.key not in named]
            if files:
                marks.append(_mark(request, f"{folder}{name}/", None, files))
        return marks, _next_orphan_place(folder, page.after)

    async def _transfers(self, request: SweepRequest) -> list[Mark]:
        before = _before(request.as_of, self._ages.transfers)
        if before is None:
            return []
        return [
            _mark(
                request,
                f"{transfer.key}#{transfer.upload_id}",
                None,
                [
                    StoredObject(
                        key=transfer.key,
                        size_bytes=transfer.size_bytes,
                        modified_at=transfer.begun_at,
                    )
                ],
            )
            for transfer in await list_transfers(self._objects)
            if transfer.begun_at < before
        ]

    async def _inputs(self, request: SweepRequest) -> tuple[list[Mark], str | None]:
        page = await list_folders(self._objects, INPUTS, request.after, FOLDERS_AT_ONCE)
        found = {name: await self._stored(f"{INPUTS}{name}/") for name in page.names}
        newest = {
            name: max(file.modified_at for file in files) for name, files in found.items() if files
        }
        async with self._pool.acquire() as connection:
            unused = await retention.list_unused_inputs(
                connection, request.as_of, self._ages.inputs, newest
            )
        marks = [
            _mark(request, sha256, None, found[sha256]).model_copy(update={"rule": rule})
            for sha256, rule in sorted(unused.items())
        ]
        return marks, page.after

    async def _uploads(self, request: SweepRequest) -> tuple[list[Mark], str | None]:
        async with self._pool.acquire() as connection:
            expired = await retention.list_expired(
                connection,
                request.rule,
                request.as_of,
                days_of(self._ages, request.rule),
                request.after or "",
                SUBJECTS_AT_ONCE,
            )
        marks = []
        for asset in expired:
            folders = (f"uploads/{asset.subject}/", f"assets/{asset.subject}/")
            files = [file for folder in folders for file in await self._stored(folder)]
            marks.append(_mark(request, asset.subject, asset.owner, files))
        return marks, expired[-1].subject if len(expired) == SUBJECTS_AT_ONCE else None

    async def _videos(self, request: SweepRequest) -> tuple[list[Mark], str | None]:
        """Videos with all they have, or the parts of videos; without what others go on from.

        Those that go in the same run do not count as others once their turn has come.
        """
        going = await self._all_going(request)
        turns = [turn for turn, going_now in enumerate(going) if going_now.rule is request.rule]
        start = [turn for turn in turns if going[turn].subject > (request.after or "")][
            :SUBJECTS_AT_ONCE
        ]
        marks = []
        for turn in start:
            job = going[turn]
            gone = [earlier.subject for earlier in going[: turn + 1]]
            files = await self._made(job.subject, request.rule, gone)
            marks.append(_mark(request, job.subject, job.owner, files))
        return marks, going[start[-1]].subject if len(start) == SUBJECTS_AT_ONCE else None

    async def _all_going(self, request: SweepRequest) -> list["Going"]:
        """Every video that a rule is about to take something of, in the order of a run."""
        found: dict[str, Going] = {}
        async with self._pool.acquire() as connection:
            for rule in (RetentionRule.OUTPUTS, RetentionRule.PARTS):
                expired = await retention.list_expired(
                    connection, rule, request.as_of, days_of(self._ages, rule)
                )
                for job in expired:
                    going = Going(rule=rule, subject=job.subject, owner=job.owner)
                    found.setdefault(job.subject, going)
        return list(found.values())

    async def _made(
        self, job_id: str, rule: RetentionRule, gone: Sequence[str]
    ) -> list[StoredObject]:
        folders = PART_FOLDERS if rule is RetentionRule.PARTS else ("",)
        files = [
            file for folder in folders for file in await self._stored(f"jobs/{job_id}/{folder}")
        ]
        async with self._pool.acquire() as connection:
            elsewhere = await retention.list_elsewhere(connection, job_id)
        for key in sorted(elsewhere):
            files.extend(await self._stored(key))
        shared = await self._shared(job_id, gone)
        return [file for file in files if file.key not in shared]

    async def _shared(self, job_id: str, gone: Sequence[str]) -> set[str]:
        async with self._pool.acquire() as connection:
            return await retention.list_shared(connection, job_id, gone)

    async def _stored(self, prefix: str) -> list[StoredObject]:
        return [file async for file in list_objects(self._objects, prefix)]


class Going(retention.Subject):
    rule: RetentionRule


class Remover:
    """Takes what was found, if it may still go."""

    def __init__(self, pool: Pool, objects: ObjectStore, ages: RetentionAges) -> None:
        self._pool = pool
        self._objects = objects
        self._ages = ages
        self._deletions = DeletionActivities(pool, objects)

    async def finish_open(self, run_id: str) -> None:
        """Remove what was marked before the process that did so has died."""
        async with self._pool.acquire() as connection:
            await retention.mark_seen(connection, run_id)
            open_marks = await retention.list_open_marks(connection, run_id)
        for mark in open_marks:
            await self.remove(mark)

    async def claim(self, mark: Mark, as_of: datetime) -> bool:
        """Mark it, and have nobody begin to use it. False when it is needed by now."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await self._take(connection, mark, as_of):
                return False
            await retention.put_mark(connection, mark)
        return True

    async def remove(self, mark: Mark) -> None:
        """The objects, then the rows of what was claimed. It may be repeated."""
        match mark.rule:
            case RetentionRule.ORPHANS:
                await self._remove_orphan(mark)
            case RetentionRule.TRANSFERS:
                key, upload_id = mark.subject.rsplit("#", 1)
                await abort_transfer(self._objects, key, upload_id)
                await self._close(mark)
            case RetentionRule.INPUTS | RetentionRule.DELETED_INPUTS:
                await self._remove_inputs(mark)
            case RetentionRule.UNUSED_UPLOADS | RetentionRule.UPLOADS:
                await self._delete(mark.files)
                async with self._pool.acquire() as connection, connection.transaction():
                    await retention.forget_asset(connection, mark.subject)
                    await retention.close_mark(connection, mark, mark.files)
            case RetentionRule.OUTPUTS:
                await self._remove_video(mark)
            case RetentionRule.PARTS:
                await self._remove_parts(mark)

    async def _take(self, connection: Connection, mark: Mark, as_of: datetime) -> bool:
        match mark.rule:
            case RetentionRule.INPUTS | RetentionRule.DELETED_INPUTS:
                return await retention.lock_inputs(connection, mark.subject)
            case RetentionRule.UNUSED_UPLOADS | RetentionRule.UPLOADS:
                await retention.lock_asset(connection, mark.subject)
                if not await self._is_expired(connection, mark, as_of):
                    return False
                await retention.delete_asset(connection, mark.subject)
            case RetentionRule.OUTPUTS:
                await retention.lock_ended(connection, mark.subject)
                if not await self._is_expired(connection, mark, as_of):
                    return False
                return await jobs.delete(connection, mark.subject)
            case RetentionRule.PARTS:
                await retention.lock_ended(connection, mark.subject)
                if not await self._is_expired(connection, mark, as_of):
                    return False
                await retention.give_up_parts(connection, mark.subject)
        return True

    async def _is_expired(self, connection: Connection, mark: Mark, as_of: datetime) -> bool:
        days = days_of(self._ages, mark.rule)
        return await retention.is_expired(connection, mark.rule, as_of, days, mark.subject)

    async def _remove_orphan(self, mark: Mark) -> None:
        folder, name, _ = mark.subject.split("/")
        async with self._pool.acquire() as connection:
            unknown = await retention.list_unknown(connection, f"{folder}/", [name])
            named = await retention.list_shared(connection, name, [name])
        gone = [file for file in mark.files if unknown and file.key not in named]
        await self._delete(gone)
        await self._close(mark, gone)

    async def _remove_inputs(self, mark: Mark) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            if await retention.lock_inputs(connection, mark.subject):
                await self._delete(mark.files)
                await retention.close_mark(connection, mark, mark.files)
            else:
                await retention.drop_mark(connection, mark)

    async def _remove_video(self, mark: Mark) -> None:
        async with self._pool.acquire() as connection:
            number = await retention.lock_ended(connection, mark.subject)
        if number is not None:
            deletion = Deletion(job_id=mark.subject, number=number, undo_s=0)
            await self._deletions.purge_job(deletion)
        async with self._pool.acquire() as connection:
            # Its owner may have been faster, and has it back.
            if await retention.lock_ended(connection, mark.subject) is None:
                await retention.close_mark(connection, mark, mark.files)
            else:
                await retention.drop_mark(connection, mark)

    async def _remove_parts(self, mark: Mark) -> None:
        """While the job can't be taken up again, or it would make anew what is deleted here."""
        job_id = mark.subject
        async with self._pool.acquire() as connection, connection.transaction():
            if await retention.lock_ended(connection, job_id) is None:
                await retention.drop_mark(connection, mark)
                return
            shared = await retention.list_shared(connection, job_id, [job_id])
            gone = [file for file in mark.files if file.key not in shared]
            await self._delete(gone)
            await retention.forget_parts(connection, job_id)
            await retention.close_mark(connection, mark, gone)

    async def _close(self, mark: Mark, gone: Sequence[StoredObject] | None = None) -> None:
        async with self._pool.acquire() as connection:
            await retention.close_mark(connection, mark, mark.files if gone is None else gone)

    async def _delete(self, files: Sequence[StoredObject]) -> None:
        room = asyncio.Semaphore(DELETED_AT_ONCE)

        async def delete(file: StoredObject) -> None:
            async with room:
                await self._objects.delete([file.key])

        await asyncio.gather(*map(delete, files))


INPUTS = "inputs/"
ORPHAN_FOLDERS = ("assets/", "jobs/", "uploads/")
PART_FOLDERS = ("segments/", "growing/")


def days_of(ages: RetentionAges, rule: RetentionRule) -> float:
    days: float = getattr(ages, rule)
    return days


def _before(as_of: datetime, days: float) -> datetime | None:
    """What was stored earlier is too old; None when nothing is."""
    return as_of - timedelta(days=days) if days else None


def _orphan_place(after: str | None) -> tuple[str, str | None]:
    if after is None:
        return ORPHAN_FOLDERS[0], None
    folder, _, token = after.partition("|")
    return folder, token or None


def _next_orphan_place(folder: str, token: str | None) -> str | None:
    if token is not None:
        return f"{folder}|{token}"
    rest = ORPHAN_FOLDERS[ORPHAN_FOLDERS.index(folder) + 1 :]
    return f"{rest[0]}|" if rest else None


def _mark(
    request: SweepRequest, subject: str, owner: str | None, files: list[StoredObject]
) -> Mark:
    return Mark(run_id=request.run_id, rule=request.rule, subject=subject, owner=owner, files=files)
