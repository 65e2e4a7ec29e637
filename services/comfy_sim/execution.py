"""One prompt's run, a node at a time."""

import errno
import hashlib
import os
import time
from pathlib import Path
from typing import Any, TypeVar

from services.comfy_sim.boot import Boot
from services.comfy_sim.cache import Cached, Key, NodeCache, is_link, node_keys
from services.comfy_sim.enrich import enriched
from services.comfy_sim.failure import NODE_FAULTS, OutOfMemoryError, describe
from services.comfy_sim.faults import (
    CachedEmpty,
    DiskFull,
    Moment,
    NodeFault,
    Oom,
    SlowSteps,
    StuckNode,
)
from services.comfy_sim.nodes import run_node
from services.comfy_sim.preview import preview
from services.comfy_sim.queue import Item
from services.comfy_sim.run import InterruptedRun, Run
from services.comfy_sim.schedule import run_order

Kind = TypeVar("Kind", bound=NodeFault)


class Execution:
    """What a prompt made so far, and what it told.

    end: "success", "error" or "interrupted", of a run that is over.
    """

    def __init__(self, boot: Boot, cache: NodeCache, item: Item) -> None:
        _, self.prompt_id, self.graph, self.extra_data, self.wanted = item
        self.boot = boot
        self.cache = cache
        self.client_id = _client_of(self.extra_data)
        self.end = "error"
        self.keys: dict[str, Key] = {}
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.executed: list[str] = []
        self.outputs: dict[str, Any] = {}
        self.meta: dict[str, Any] = {}
        self.progress: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        self.boot.interrupt.clear()
        self._tell("execution_start", {})
        self.keys = node_keys(self.graph, self._file_state)
        self.cache.keep_only(self.keys.values())
        if self.boot.faults.take(CachedEmpty):
            self._tell("execution_cached", {"nodes": list(self.graph)})
        else:
            self._run_nodes()
        self._tell("execution_success", {})
        self.end = "success"

    def result(self) -> dict[str, Any]:
        return {"outputs": self.outputs, "meta": self.meta}

    def status(self) -> dict[str, Any]:
        succeeded = self.end == "success"
        return {
            "status_str": "success" if succeeded else "error",
            "completed": succeeded,
            "messages": self.messages,
        }

    def _run_nodes(self) -> None:
        cached = [node_id for node_id, key in self.keys.items() if key in self.cache.entries]
        self._tell("execution_cached", {"nodes": cached})
        contract = self.boot.catalog.contract
        outputs = {
            id_ for id_, node in self.graph.items() if contract[node["class_type"]].output_node
        }
        for node_id in run_order(self.graph, self.wanted, set(cached), outputs):
            self._ensure(node_id)

    def _ensure(self, node_id: str) -> None:
        """Run a node, unless the cache has it: a node before this one may have the same key."""
        entry = self.cache.entries.get(self.keys[node_id])
        if entry is None:
            self.cache.entries[self.keys[node_id]] = self._run_node(node_id)
        else:
            self._report(node_id, entry)
            self._move(node_id, 1, 1, "finished")

    def _tell(self, event: str, data: dict[str, Any], *, to_all: bool = False) -> None:
        """Remember a message and send it to the prompt's client; to everybody if it has none."""
        told = {"prompt_id": self.prompt_id, **data, "timestamp": int(time.time() * 1000)}
        self.messages.append((event, told))
        if self.client_id is not None or to_all:
            self.boot.sockets.post(event, told, self.client_id)

    def _show(self, event: str, data: dict[str, Any]) -> None:
        """Send a message that history does not keep."""
        told = {**data, "prompt_id": self.prompt_id}
        self.boot.sockets.post(event, told, self.client_id)

    def _file_state(self, node: dict[str, Any]) -> str:
        """Stands for the bytes of the file a loader reads."""
        spec = self.boot.catalog.contract[node["class_type"]].inputs
        for name, value in node["inputs"].items():
            names_file = name in spec and (spec[name].files or "").startswith("input:")
            if names_file and isinstance(value, str):
                return file_state(self.boot.catalog.files.find_input(value), spec[name].files)
        return ""

    def _report(self, node_id: str, entry: Cached) -> None:
        """Tell a client what a node has to say, also if that is nothing but that it ran."""
        ui = entry.ui
        if ui is not None:
            if self.boot.profile.newer:
                ui = enriched(ui, self.boot.catalog.files)
            self.outputs[node_id] = ui
            self.meta[node_id] = entry.meta
        if self.client_id is not None:
            self._show("executed", {"node": node_id, "display_node": node_id, "output": ui})

    def _run_node(self, node_id: str) -> Cached:
        self._move(node_id, 0.0, 1.0, "running")
        self.boot.sockets.node = node_id
        if self.client_id is not None:
            self._show("executing", {"node": node_id, "display_node": node_id})
        inputs: dict[str, Any] = {}
        try:
            self._check_interrupt()
            inputs |= self._inputs(node_id)
            entry = self._call(node_id, inputs)
        except InterruptedRun as error:
            self._tell("execution_interrupted", self._whereabouts(node_id), to_all=True)
            self.end = "interrupted"
            raise EndedRun from error
        except NODE_FAULTS as error:
            outputs = {"current_outputs": list(self.graph)}
            told = {**self._whereabouts(node_id), **describe(error, inputs), **outputs}
            self._tell("execution_error", told)
            raise EndedRun from error
        if entry.ui is not None:
            self._report(node_id, entry)
        self.executed.append(node_id)
        last = self.progress[node_id]["max"]
        self._move(node_id, last, last, "finished")
        return entry

    def _check_interrupt(self) -> None:
        if self.boot.interrupt.is_set():
            self.boot.interrupt.clear()
            raise InterruptedRun

    def _inputs(self, node_id: str) -> dict[str, Any]:
        return {
            name: self._value(*value) if is_link(value) else value
            for name, value in self.graph[node_id]["inputs"].items()
        }

    def _value(self, node_id: str, slot: float) -> Any:
        return self.cache.entries[self.keys[node_id]].values[int(slot)]

    def _call(self, node_id: str, inputs: dict[str, Any]) -> Cached:
        class_type = self.graph[node_id]["class_type"]
        if stuck := self._take(StuckNode, node_id):
            self.boot.pause(stuck.seconds)
        if self._take(Oom, node_id):
            raise OutOfMemoryError("Allocation on device")
        self.boot.pause(self.boot.options.node_seconds)
        run = Run(
            files=self.boot.catalog.files,
            graph=self.graph,
            extra_data=self.extra_data,
            step=lambda step, steps: self._step(node_id, step, steps),
            before_write=lambda: self._before_write(node_id),
        )
        values, ui = run_node(class_type, self.boot.catalog.contract[class_type], run, inputs)
        meta = {
            "node_id": node_id,
            "display_node": node_id,
            "parent_node": None,
            "real_node_id": node_id,
        }
        return Cached(values, ui, meta)

    def _take(self, kind: type[Kind], node_id: str) -> Kind | None:
        place = len(self.executed) + 1
        class_type = self.graph[node_id]["class_type"]
        return self.boot.faults.take(kind, lambda fault: fault.fits(node_id, class_type, place))

    def _step(self, node_id: str, step: int, steps: int) -> None:
        slow = self._take(SlowSteps, node_id)
        self.boot.pause(self.boot.options.step_seconds * (slow.factor if slow else 1))
        self.boot.reach(Moment.STEP)
        self._check_interrupt()
        self._move(node_id, step, steps, "running")
        self._show("progress", {"value": step, "max": steps, "node": node_id})
        if self.boot.options.previews:
            self._show_preview(node_id, step / steps)

    def _show_preview(self, node_id: str, done: float) -> None:
        described = None
        if self.boot.sockets.reads_preview_metadata(self.client_id):
            described = {
                "node_id": node_id,
                "prompt_id": self.prompt_id,
                "display_node_id": node_id,
                "parent_node_id": None,
                "real_node_id": node_id,
            }
        self.boot.sockets.post_bytes(preview(done, described), self.client_id)

    def _before_write(self, node_id: str) -> None:
        self.boot.reach(Moment.WRITING)
        if self._take(DiskFull, node_id):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _move(self, node_id: str, value: float, maximum: float, state: str) -> None:
        self.progress[node_id] = {
            "value": value,
            "max": maximum,
            "state": state,
            "node_id": node_id,
            "prompt_id": self.prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        self._show("progress_state", {"nodes": dict(self.progress)})

    def _whereabouts(self, node_id: str) -> dict[str, Any]:
        return {
            "node_id": node_id,
            "node_type": self.graph[node_id]["class_type"],
            "executed": list(self.executed),
        }


def _client_of(extra_data: Any) -> Any:
    """Raises TypeError, as ComfyUI does, when extra_data is null or a number."""
    if "client_id" not in extra_data:
        return None
    return extra_data["client_id"]


class EndedRun(Exception):
    """The run is over before all is done, and its last message says why."""


def file_state(path: Path, kind: str | None) -> str:
    """A clip's time of change, any other file's contents: as ComfyUI's loaders tell it."""
    if not path.is_file():
        return "missing"
    if kind == "input:video":
        return f"{path.stat().st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
