"""The line as each owner sees it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from proto.job import JobStatus, SecondsRange, Wait, WaitReason
from services.store import line
from services.store.database import DATABASE_ERRORS, Pool
from services.store.jobs import JobRow
from services.store.line import Line, Waiting

log = structlog.get_logger()

FRESH_S = 1.0
BEGUN_WITHIN = timedelta(seconds=5)

MESSAGES = {
    WaitReason.READING_FILES: "We are reading your files.",
    WaitReason.NEXT: "Your video is next.",
    WaitReason.IN_LINE: "Other videos are made before yours.",
    WaitReason.OWN_VIDEOS: "Your other videos are made first. This one starts by itself.",
    WaitReason.PAUSED: (
        "No new videos are started right now. Your place is kept, and yours starts by itself."
    ),
    WaitReason.DECISION: (
        "Your video looks different from how it began. Play it, then go on or keep what is done."
    ),
    WaitReason.NO_RENDERER: (
        "The studio's renderers don't answer right now. Your place is kept, and your video starts"
        " by itself once one is back."
    ),
}
"""What a user is told of each reason."""


class LineBoard:
    """What each waiting job waits for. One reading serves all who ask within a second.

    wake: called with each owner whose places have changed.
    """

    def __init__(self, pool: Pool, wake: Callable[[str], None]) -> None:
        self._pool = pool
        self._wake = wake
        self._line: Line | None = None
        self._places: dict[str, dict[str, Wait]] = {}
        self._read_at = self._stale_after = 0.0
        self._reading = asyncio.Lock()

    async def run(self) -> None:
        """Keep the places fresh for those who follow them."""
        while True:
            try:
                await self.read()
            except DATABASE_ERRORS as error:
                log.warning("line not read", cause=repr(error))
            await asyncio.sleep(FRESH_S)

    async def wait(self, job: JobRow) -> Wait | None:
        """None for a job that does not wait."""
        if job.status in {JobStatus.ACCEPTED, JobStatus.UPLOADED}:
            return _wait(WaitReason.OWN_VIDEOS if _is_held(job) else WaitReason.READING_FILES)
        if job.status is not JobStatus.QUEUED:
            return None
        if job.deciding and job.wish is None:
            return _wait(WaitReason.DECISION)
        if job.job_id not in self.places(job.owner):
            self.forget()
            await self.read()
        return self.places(job.owner).get(job.job_id)

    def places(self, owner: str) -> dict[str, Wait]:
        """The owner's jobs in line, as last read."""
        return self._places.get(owner, {})

    def forget(self) -> None:
        """What was read is out of date: the next one who asks reads anew."""
        self._stale_after = time.monotonic()

    async def newcomer(self, job: Waiting) -> tuple[int, SecondsRange | None]:
        """The place, from 1, that a job would have that joined now, and how long it would wait.

        The jobs that render, or whose files are read, are before it too.
        """
        joined = (await self.read()).joined_by(job)
        index = joined.waiting.index(job)
        before = len(joined.running) + joined.preparing
        return before + index + 1, joined.waits()[index]

    async def read(self) -> Line:
        """The line as it is now, or was a second ago."""
        async with self._reading:
            now = time.monotonic()
            if self._line is None or self._read_at <= max(now - FRESH_S, self._stale_after):
                async with self._pool.acquire() as connection:
                    self._line = await line.read(connection)
                self._read_at = now
                self._show(self._line)
            return self._line

    def _show(self, read: Line) -> None:
        before, self._places = self._places, _places(read)
        for owner in before.keys() | self._places.keys():
            if before.get(owner) != self._places.get(owner):
                self._wake(owner)


def _is_held(job: JobRow) -> bool:
    """Whether it is not begun because enough of its owner's are: any other begins at once."""
    age = datetime.now(UTC) - job.updated_at
    return job.render_started_at is None and age > BEGUN_WITHIN


def _places(read: Line) -> dict[str, dict[str, Wait]]:
    found: defaultdict[str, dict[str, Wait]] = defaultdict(dict)
    for position, (job, seconds) in enumerate(zip(read.waiting, read.waits(), strict=True), 1):
        found[job.owner][job.job_id] = _wait(
            _reason(read, job, position), position, about=not read.is_exact, seconds=seconds
        )
    return dict(found)


def _reason(read: Line, job: Waiting, position: int) -> WaitReason:
    if job.granted:
        return WaitReason.NEXT
    if not read.gpus:
        return WaitReason.PAUSED if read.answering else WaitReason.NO_RENDERER
    return WaitReason.NEXT if position == 1 else WaitReason.IN_LINE


def _wait(
    reason: WaitReason,
    position: int | None = None,
    *,
    about: bool = False,
    seconds: SecondsRange | None = None,
) -> Wait:
    return Wait(
        reason=reason,
        message=MESSAGES[reason],
        position=position,
        about=about,
        seconds=seconds,
    )
