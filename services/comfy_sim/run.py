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


@dataclass(frozen=True)
class Run:
    """extra_data: as the prompt's sender gave it, which need not be an object.

    step: takes the time of a sampling step and tells (step, steps). before_write: called before
    each frame or latent that is written. Both may raise what ends the run.
    """

    files: FileStore
    graph: Graph
    extra_data: Any
    step: Callable[[int, int], None]
    before_write: Callable[[], None]


Node = Callable[[Run, Inputs], Values]
Report = Callable[[Run, Inputs], dict[str, Any]]
"""Does what a node does besides giving values, and gives what the node reports to the client."""
