"""A video from the shell: ordered, watched, tried again, stopped."""

import json
import mimetypes
import uuid
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from proto.job import AspectRatio, QualityProfile
from proto.media import AssetKind
from services.cli.accounts import fail
from services.cli.progress import Show, follow_all
from services.cli.studio import TokenFile, Url, ask, open_studio

app = typer.Typer()

READ_BYTES = 256 * 1024
UPLOAD_S = 3600.0
"""For one read or write of a file's way, and its verdict."""


class Kind(StrEnum):
    """What the character does: a clip's moves, a person's place in a clip, a sound's words."""

    MOVE = "move"
    MIX = "mix"
    AUDIO = "audio"


Existing = typer.Argument(exists=True, dir_okay=False, readable=True)


@app.command()
def submit(  # noqa: PLR0913  what a video is made of
    kind: Kind,
    picture: Annotated[Path, Existing],
    clip_or_sound: Annotated[Path, Existing],
    *,
    prompt: Annotated[str, typer.Option(help="what is to be seen")],
    quality: QualityProfile = QualityProfile.STANDARD,
    aspect: Annotated[AspectRatio | None, typer.Option(help="of the video")] = None,
    seed: int | None = None,
    seconds: Annotated[float | None, typer.Option(help="of the clip or sound")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="any other field, as JSON: name=value")
    ] = None,
    show: Annotated[bool, typer.Option("--watch", help="until it has ended")] = False,
    out: Annotated[Path | None, typer.Option(help="where the video goes; watches too")] = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Order a video, and print its id."""
    given = {
        "prompt": prompt,
        "quality_profile": quality,
        "aspect_ratio": aspect,
        "seed": seed,
        "duration_override_seconds": seconds,
    }
    body = {name: value for name, value in given.items() if value is not None}
    body |= dict(map(_setting, setting or []))
    if out is not None and not out.parent.is_dir():
        fail(f"There is no folder {out.parent}.")
    with open_studio(url, token_file) as studio:
        job = _order(studio, kind, body, picture, clip_or_sound)
        typer.echo(job["job_id"])
        if show or out is not None:
            _watch(studio, [job], Show.choose(as_json=False))
        if out is not None:
            _download(studio, job["job_id"], out)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        fail(f"{text!r} is not name=value.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _order(
    studio: httpx.Client, kind: Kind, body: dict[str, Any], picture: Path, other: Path
) -> dict[str, Any]:
    character = _upload(studio, AssetKind.IMAGE, picture)
    order = {**body, "ground_truth_asset_id": character}
    if kind is Kind.AUDIO:
        path = "/api/jobs/audio-performance"
        order["audio_asset_id"] = _upload(studio, AssetKind.AUDIO, other)
    else:
        path = "/api/jobs/animate"
        order["motion_video_asset_id"] = _upload(studio, AssetKind.VIDEO, other)
        order["animate_submode"] = kind
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    job: dict[str, Any] = ask(studio, "POST", path, json=order, headers=headers)
    return job


class _Watched:
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, tell: Callable[[int], None]) -> None:
        self._file = path.open("rb")
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._tell(len(chunk))
        return chunk

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()


def _upload(studio: httpx.Client, kind: AssetKind, path: Path) -> str:
    """The id of the file, once it was found fit."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not _is_watched()) as progress:
        task = progress.add_task(path.name, total=path.stat().st_size)
        file = _Watched(path, lambda count: progress.advance(task, count))
        kind_of = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        asset = ask(
            studio,
            "POST",
            f"/api/assets/{kind}",
            files={"file": (path.name, file, kind_of)},
            timeout=UPLOAD_S,
        )
        file.close()
    asset_id: str = asset["asset_id"]
    return asset_id


def _is_watched() -> bool:
    return Console(stderr=True).is_terminal


@app.command()
def watch(
    job_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]…")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="one line an event")] = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Follow videos, or all of one's own that are not over.

    Exit status: 0 all are finished, 1 one failed or was stopped.
    """
    with open_studio(url, token_file) as studio:
        if job_ids:
            jobs = [ask(studio, "GET", f"/api/jobs/{job_id}") for job_id in job_ids]
        else:
            jobs = _unended(studio)
        if not jobs:
            typer.echo("No video is on its way.", err=True)
        _watch(studio, jobs, Show.choose(as_json=as_json))


def _unended(studio: httpx.Client) -> list[dict[str, Any]]:
    statuses = ["accepted", "uploaded", "queued", "executing", "collecting_outputs", "cancelling"]
    page = ask(studio, "GET", "/api/jobs", params={"status": statuses, "limit": 100})
    found: list[dict[str, Any]] = page["items"]
    return found


def _watch(studio: httpx.Client, jobs: list[dict[str, Any]], show: Show) -> None:
    try:
        ended = follow_all(studio, jobs, show)
    except KeyboardInterrupt:
        typer.echo("It goes on without being watched: animatrix watch", err=True)
        raise
    if any(status != "completed" for status in ended.values()):
        raise typer.Exit(1)


def _download(studio: httpx.Client, job_id: str, out: Path) -> None:
    """The whole video, under its name only once it is."""
    output = ask(studio, "GET", f"/api/jobs/{job_id}")["output"]
    part = out.with_name(f".{out.name}.part")
    # The address is signed; it needs nothing else, and gets no token.
    with httpx.stream("GET", output["video_url"], timeout=60) as answer, part.open("wb") as file:
        answer.raise_for_status()
        for chunk in answer.iter_bytes(READ_BYTES):
            file.write(chunk)
    part.replace(out)
    typer.echo(out, err=True)


Operator = Annotated[
    str | None, typer.Option("--reason", help="as an operator, of anybody's video: why")
]


@app.command()
def retry(
    job_id: str, *, reason: Operator = None, url: Url = None, token_file: TokenFile = None
) -> None:
    """Go on with a failed or stopped video from where it ended."""
    own, any_one = f"/api/jobs/{job_id}/retry", f"/api/admin/retry/{job_id}"
    _tell(own, any_one, reason, url, token_file)


@app.command()
def cancel(
    job_id: str, *, reason: Operator = None, url: Url = None, token_file: TokenFile = None
) -> None:
    """Stop a video."""
    own, any_one = f"/api/jobs/{job_id}/cancel", f"/api/admin/jobs/{job_id}/cancel"
    _tell(own, any_one, reason, url, token_file)


def _tell(
    own: str, any_one: str, reason: str | None, url: str | None, token_file: Path | None
) -> None:
    with open_studio(url, token_file) as studio:
        if reason is None:
            job = ask(studio, "POST", own)
        else:
            job = ask(studio, "POST", any_one, json={"reason": reason})
        typer.echo(f"{job['job_id']}  {job['status']}")
