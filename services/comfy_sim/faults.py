"""What can be made to go wrong, how often, and when."""

import json
from enum import StrEnum
from typing import Any

from pydantic import Field
from pydantic.alias_generators import to_snake

from proto.model import Request


class Moment(StrEnum):
    """now: when the fault is set. connected: a websocket was greeted. accepted: a prompt is in the
    queue, its answer not sent. started: a prompt left the queue. step: a sampler made a step.
    writing: a saver is about to write a frame or a latent. ended: the end was told, and is not in
    the history. remembered: it is."""

    NOW = "now"
    CONNECTED = "connected"
    ACCEPTED = "accepted"
    STARTED = "started"
    STEP = "step"
    WRITING = "writing"
    ENDED = "ended"
    REMEMBERED = "remembered"


class Fault(Request):
    """times: how often it happens, None for ever. after: how many chances it lets pass first."""

    times: int | None = Field(1, ge=1)
    after: int = Field(0, ge=0)


def name_of(kind: type[Fault]) -> str:
    return to_snake(kind.__name__)


class TimedFault(Fault):
    at: Moment = Moment.NOW


class NodeFault(Fault):
    """node: the id or the class of the node it is about. nth: the place of that node among those
    that run for a prompt, from 1. Both None: any node."""

    node: str | None = None
    nth: int | None = Field(None, ge=1)

    def fits(self, node_id: str, class_type: str, place: int) -> bool:
        named = self.node in (None, node_id, class_type)
        return named and self.nth in (None, place)


class PathFault(Fault):
    """path: the beginning of the paths it is about, without /api."""

    path: str = "/"

    def fits(self, path: str) -> bool:
        return path.removeprefix("/api").startswith(self.path)


class FileFault(Fault):
    """suffix: the end of the file names it is about."""

    suffix: str = ""

    def fits(self, name: str) -> bool:
        return name.endswith(self.suffix)


class Restart(TimedFault):
    """Kill the server: queue, history, cache, counter and temp are lost; back in `seconds`."""

    seconds: float = 1.0


class Exit(TimedFault):
    """Kill the server for good."""


class DeadExecutor(TimedFault):
    """Run nothing any more until a restart, and answer 200 everywhere."""


class ForeignInterrupt(TimedFault):
    """Somebody else interrupts whatever runs."""

    at: Moment = Moment.STEP


class DroppedSockets(TimedFault):
    """Cut every open websocket, without a close."""


class SilentSockets(TimedFault):
    """Send nothing more over the websockets that are open, and leave them open."""


class RefusedConnections(TimedFault):
    """Cut every connection and refuse new ones for `seconds`; nothing is forgotten."""

    seconds: float = 1.0


class Answer503(PathFault):
    """Answer 503, as a proxy does whose server is away."""


class HangHttp(PathFault):
    """Take a request, answer nothing for `seconds`, and hang up."""

    seconds: float = 60.0


class LostAnswer(Fault):
    """Queue a prompt and cut the connection in place of an answer."""


class LateAccept(Fault):
    """Cut the connection of a POST /prompt, and queue the prompt `seconds` later."""

    seconds: float = 1.0


class Answer500Queued(Fault):
    """Queue a prompt and answer 500."""


class PartialValid(Fault):
    """Queue a prompt and answer 200 with node_errors; its last output doesn't run if it has two."""


class LateHistory(Fault):
    """Tell a prompt's end `seconds` before it moves from the queue to the history."""

    seconds: float = 1.0


class CachedEmpty(Fault):
    """End a prompt as a success that ran nothing and has no outputs."""


class Oom(NodeFault):
    """A node dies of torch.OutOfMemoryError."""


class DiskFull(NodeFault):
    """A saver dies of OSError 28 and leaves what it wrote so far."""


class LeakingMemory(Fault):
    """Have `gb` less memory free with each look at /system_stats, until a restart."""

    gb: float = Field(0.5, gt=0)


class StuckNode(NodeFault):
    """A node takes `seconds` more, without progress and deaf to interrupts."""

    seconds: float = 60.0


class SlowSteps(NodeFault):
    """A sampler's steps take `factor` times as long."""

    factor: float = Field(10.0, gt=0)


class VanishedFile(FileFault):
    """Answer 404 to the /view of a file."""


class TruncatedFile(FileFault):
    """Serve only the first part of a file, `kept` of it, as if it were all."""

    suffix: str = ".mp4"
    kept: float = Field(0.5, ge=0, lt=1)


class WrongLength(FileFault):
    """Announce a whole file, send `kept` of it, and hang up."""

    kept: float = Field(0.5, ge=0, lt=1)


class SlowDisk(FileFault):
    """Take `seconds` for each 64 KiB of a /view, and for each upload."""

    seconds: float = 0.2


class Upload413(FileFault):
    """Refuse an upload as too large."""


class Upload500(FileFault):
    """Fail an upload and store nothing."""


KINDS: dict[str, type[Fault]] = {
    name_of(kind): kind
    for kind in (
        Restart,
        Exit,
        DeadExecutor,
        ForeignInterrupt,
        DroppedSockets,
        SilentSockets,
        RefusedConnections,
        Answer503,
        HangHttp,
        LostAnswer,
        LateAccept,
        Answer500Queued,
        PartialValid,
        LateHistory,
        CachedEmpty,
        Oom,
        DiskFull,
        LeakingMemory,
        StuckNode,
        SlowSteps,
        VanishedFile,
        TruncatedFile,
        WrongLength,
        SlowDisk,
        Upload413,
        Upload500,
    )
}


def as_json(fault: Fault) -> dict[str, Any]:
    return {"fault": name_of(type(fault)), **fault.model_dump(mode="json")}


def read_fault(body: dict[str, Any]) -> Fault:
    """From {"fault": NAME, …}. Raises KeyError for the name, ValidationError for the rest."""
    return KINDS[body["fault"]].model_validate({k: v for k, v in body.items() if k != "fault"})


def read_argument(text: str) -> Fault:
    """From NAME[:key=value,…]. Raises KeyError and ValueError."""
    name, _, rest = text.partition(":")
    pairs = dict(pair.split("=", 1) for pair in rest.split(",") if pair)
    return read_fault({"fault": name} | {key: _value(value) for key, value in pairs.items()})


def _value(text: str) -> Any:
    """As JSON where it is some, which a name is not."""
    try:
        return json.loads(text)
    except ValueError:
        return text
