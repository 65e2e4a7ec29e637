"""Several videos followed at once, as bars, lines or JSON."""

import json
import queue
import sys
import threading
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from proto.job import JobStatus, Stage
from services.client.follow import ENDS, Away, Message, follow_job

SHORT: Final = 8
STAGES: Final = {
    Stage.READING_FILES: "reading the files",
    Stage.IN_LINE: "in line",
    Stage.ANIMATING: "animating",
    Stage.FINISHING: "finishing",
}
ENDINGS: Final = {
    JobStatus.COMPLETED: "finished",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "stopped",
}
Event = dict[str, Any]
Item = tuple[str, Event | BaseException | None]


class Show(Enum):
    BARS = "bars"
    LINES = "lines"
    JSON = "json"

    @classmethod
    def choose(cls, *, as_json: bool) -> "Show":
        """Bars are for a terminal only."""
        if as_json:
            return cls.JSON
        return cls.BARS if sys.stdout.isatty() else cls.LINES


def follow_all(studio: httpx.Client, jobs: list[Event], show: Show) -> dict[str, str]:
    """Show what happens until all have ended; gives how each did."""
    ended = {job["job_id"]: job["status"] for job in jobs}
    shown = SHOWN[show]()
    with shown:
        for job_id, event in _events(studio, [job["job_id"] for job in jobs]):
            ended[job_id] = event["status"]
            shown.tell(event)
    return ended


def _events(studio: httpx.Client, job_ids: list[str]) -> Iterator[tuple[str, Event]]:
    """Of all of them as they come. Raises what a stream ended with."""
    told: queue.Queue[Item] = queue.Queue()
    for job_id in job_ids:
        threading.Thread(target=_follow, args=(studio, job_id, told), daemon=True).start()
    left = len(job_ids)
    while left:
        job_id, event = told.get()
        if isinstance(event, BaseException):
            raise event
        if event is None:
            left -= 1
        else:
            yield job_id, event


def _follow(studio: httpx.Client, job_id: str, told: "queue.Queue[Item]") -> None:
    try:
        for message in follow_job(studio, job_id):
            if _is_change(message):
                told.put((job_id, message.data))
        told.put((job_id, None))
    except (httpx.HTTPError, Away) as error:
        told.put((job_id, error))


def _is_change(message: Message) -> bool:
    return "status" in message.data


class _Bars:
    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[words]}"),
        )
        self._progress = Progress(*columns, console=Console())
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> None:
        self._progress.start()

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, event: Event) -> None:
        job_id = event["job_id"]
        if job_id not in self._tasks:
            self._tasks[job_id] = self._progress.add_task(job_id[:SHORT], total=1.0, words="")
        task = self._tasks[job_id]
        self._progress.update(task, completed=event["progress"], words=words(event))


class _Lines:
    """One for each change that says something new."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def __enter__(self) -> None:
        """Nothing to open."""

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def tell(self, event: Event) -> None:
        line = f"{100 * event['progress']:3.0f} %  {words(event)}"
        if self._said.get(event["job_id"]) != line:
            self._said[event["job_id"]] = line
            sys.stdout.write(f"{event['job_id']}  {line}\n")
            sys.stdout.flush()


class _Json(_Lines):
    def tell(self, event: Event) -> None:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


SHOWN: Final[dict[Show, type[_Bars | _Lines]]] = {
    Show.BARS: _Bars,
    Show.LINES: _Lines,
    Show.JSON: _Json,
}


def words(event: Event) -> str:
    """What there is to say of a video now."""
    if event["status"] in ENDS:
        error = event["error"]
        ending = ENDINGS[JobStatus(event["status"])]
        return f"{ending}: {error['message']} ({error['reference']})" if error else ending
    if event["status"] == JobStatus.CANCELLING:
        return "stopping"
    said = [STAGES[Stage(event["stage"])]]
    if event["segment_count"] > 1:
        said.append(
            f"part {min(event['segments_done'] + 1, event['segment_count'])}"
            f" of {event['segment_count']}"
        )
    if event["eta_seconds"]:
        said.append(f"{event['eta_seconds']['low']} to {event['eta_seconds']['high']} s left")
    return ", ".join(said)
