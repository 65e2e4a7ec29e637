"""What a node may use of the server while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.comfy_sim.files import FileStore
from services.comfy_sim.queue import Graph
from services.comfy_sim.values import Values

Inputs = dict[str, Any]


class InterruptedRun(Exception):
    """The interrupt flag was set when a node started or moved on."""


class StoppedServer(Exception):
    """The server is going down; nothing of this run is remembered."""


@dataclass(frozen=True)
class Run:
    """advance: tells (step, steps) and raises InterruptedRun. pause: waits, uninterruptibly.

    Both raise StoppedServer.
    """

    files: FileStore
    graph: Graph
    extra_pnginfo: dict[str, Any]
    step_seconds: float
    advance: Callable[[int, int], None]
    pause: Callable[[float], None]


Node = Callable[[Run, Inputs], Values]
Saver = Callable[[Run, Inputs], dict[str, Any]]
"""Gives what the node reports to the client."""
