"""The one thread that runs prompts, a node at a time."""

import hashlib
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

from av.error import FFmpegError

from services.comfy_sim.cache import Cached, Key, NodeCache, is_link, node_keys
from services.comfy_sim.catalog import Catalog
from services.comfy_sim.files import OutsideFolder
from services.comfy_sim.node_savers import SAVERS
from services.comfy_sim.nodes import run_node
from services.comfy_sim.options import SimOptions
from services.comfy_sim.queue import Item, PromptQueue
from services.comfy_sim.run import InterruptedRun, Run, StoppedServer
from services.comfy_sim.sockets import Sockets
from services.comfy_sim.values import Values

NODE_FAULTS = (
    ArithmeticError,
    AttributeError,
    FFmpegError,
    LookupError,
    OSError,
    OutsideFolder,
    TypeError,
    ValueError,
)
"""What a node may die of; its prompt then ends in an error, and the thread goes on."""


@dataclass
class Executor:
    """interrupt: looked at when a node starts or moves on, and forgotten when a prompt starts.

    free: a wish to drop the cache, granted before the next prompt.
    """

    queue: PromptQueue
    sockets: Sockets
    catalog: Catalog
    options: SimOptions
    interrupt: Event = field(default_factory=Event)
    free: Event = field(default_factory=Event)
    cache: NodeCache = field(default_factory=NodeCache)
    _stopping: Event = field(default_factory=Event)
    _thread: Thread = field(init=False)

    def start(self) -> None:
        self._thread = Thread(target=self._work, name="comfy_sim executor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread within a frame's or a step's time; what runs is lost."""
        self._stopping.set()
        self.queue.close()
        self._thread.join()

    def pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise StoppedServer

    def check_interrupt(self) -> None:
        if self.interrupt.is_set():
            self.interrupt.clear()
            raise InterruptedRun

    def _work(self) -> None:
        while (taken := self.queue.take()) is not None:
            try:
                self._run(*taken)
            except StoppedServer:
                return

    def _run(self, ticket: int, item: Item) -> None:
        if self.free.is_set():
            self.free.clear()
            self.cache.clear()
        client_id = item[3].get("client_id")
        self.sockets.client_id, self.sockets.node = client_id, None
        execution = Execution(self, item)
        execution.run()
        self.queue.finish(ticket, execution.result(), execution.status())
        self.sockets.node = None
        if client_id is not None:
            self.sockets.post("executing", {"node": None, "prompt_id": item[1]}, client_id)


class Execution:
    """One prompt's run: what it made so far, and what it told."""

    def __init__(self, executor: Executor, item: Item) -> None:
        _, self.prompt_id, self.graph, extra_data, self.wanted = item
        self.executor = executor
        self.client_id: str | None = extra_data.get("client_id")
        self.extra_pnginfo: dict[str, Any] = extra_data.get("extra_pnginfo") or {}
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.values: dict[str, Values] = {}
        self.executed: list[str] = []
        self.outputs: dict[str, Any] = {}
        self.meta: dict[str, Any] = {}
        self.progress: dict[str, dict[str, Any]] = {}
        self.success = False

    def run(self) -> None:
        self.executor.interrupt.clear()
        self._tell("execution_start", {})
        keys = node_keys(self.graph, self._file_state)
        cache = self.executor.cache
        cache.keep_only(keys.values())
        cached = [node_id for node_id, key in keys.items() if key in cache.entries]
        self._tell("execution_cached", {"nodes": cached})
        try:
            for node_id in self.wanted:
                self._ensure(node_id, keys)
        except _EndedRun:
            return
        self._tell("execution_success", {})
        self.success = True

    def result(self) -> dict[str, Any]:
        return {"outputs": self.outputs, "meta": self.meta}

    def status(self) -> dict[str, Any]:
        return {
            "status_str": "success" if self.success else "error",
            "completed": self.success,
            "messages": self.messages,
        }

    def _tell(self, event: str, data: dict[str, Any], *, to_all: bool = False) -> None:
        """Remember a message and send it to the prompt's client; to everybody if it has none."""
        told = {"prompt_id": self.prompt_id, **data, "timestamp": int(time.time() * 1000)}
        self.messages.append((event, told))
        if self.client_id is not None or to_all:
            self.executor.sockets.post(event, told, self.client_id)

    def _show(self, event: str, data: dict[str, Any]) -> None:
        """Send a message that history does not keep."""
        told = {**data, "prompt_id": self.prompt_id}
        self.executor.sockets.post(event, told, self.client_id)

    def _file_state(self, node: dict[str, Any]) -> str:
        """Stands for the bytes of the file a loader reads."""
        spec = self.executor.catalog.contract[node["class_type"]].inputs
        for name, value in node["inputs"].items():
            if name in spec and (spec[name].files or "").startswith("input:"):
                return file_state(self.executor.catalog.files.find_input(value), spec[name].files)
        return ""

    def _ensure(self, node_id: str, keys: dict[str, Key]) -> None:
        """Run a node after what it needs, unless the cache has it."""
        if node_id in self.values:
            return
        entry = self.executor.cache.entries.get(keys[node_id])
        if entry is None:
            for value in self.graph[node_id]["inputs"].values():
                if is_link(value):
                    self._ensure(value[0], keys)
            # A node before this one may have the same key.
            entry = self.executor.cache.entries.get(keys[node_id])
        if entry is None:
            entry = self._run_node(node_id)
            self.executor.cache.entries[keys[node_id]] = entry
        elif entry.ui is not None:
            self._report(node_id, entry)
            self._move(node_id, 1, 1, "finished")
        self.values[node_id] = entry.values

    def _report(self, node_id: str, entry: Cached) -> None:
        self.outputs[node_id] = entry.ui
        self.meta[node_id] = entry.meta
        if self.client_id is not None:
            shown = {"node": node_id, "display_node": node_id, "output": entry.ui}
            self._show("executed", shown)

    def _run_node(self, node_id: str) -> Cached:
        self._move(node_id, 0.0, 1.0, "running")
        self.executor.sockets.node = node_id
        if self.client_id is not None:
            self._show("executing", {"node": node_id, "display_node": node_id})
        inputs: dict[str, Any] = {}
        try:
            self.executor.check_interrupt()
            inputs |= self._inputs(node_id)
            entry = self._call(node_id, inputs)
        except InterruptedRun as error:
            self._tell("execution_interrupted", self._whereabouts(node_id), to_all=True)
            raise _EndedRun from error
        except NODE_FAULTS as error:
            self._tell("execution_error", self._failure(node_id, inputs, error))
            raise _EndedRun from error
        if entry.ui is not None:
            self._report(node_id, entry)
        self.executed.append(node_id)
        last = self.progress[node_id]["max"]
        self._move(node_id, last, last, "finished")
        return entry

    def _inputs(self, node_id: str) -> dict[str, Any]:
        return {
            name: self.values[value[0]][int(value[1])] if is_link(value) else value
            for name, value in self.graph[node_id]["inputs"].items()
        }

    def _call(self, node_id: str, inputs: dict[str, Any]) -> Cached:
        class_type = self.graph[node_id]["class_type"]
        options = self.executor.options
        run = Run(
            files=self.executor.catalog.files,
            graph=self.graph,
            extra_pnginfo=self.extra_pnginfo,
            step_seconds=options.step_seconds,
            advance=lambda step, steps: self._advance(node_id, step, steps),
            pause=self.executor.pause,
        )
        self.executor.pause(options.node_seconds)
        meta = {
            "node_id": node_id,
            "display_node": node_id,
            "parent_node": None,
            "real_node_id": node_id,
        }
        saver = SAVERS.get(class_type)
        if saver is not None:
            return Cached((), saver(run, inputs), meta)
        node_class = self.executor.catalog.contract[class_type]
        return Cached(run_node(class_type, node_class, run, inputs), None, meta)

    def _advance(self, node_id: str, step: int, steps: int) -> None:
        self.executor.check_interrupt()
        self._move(node_id, step, steps, "running")
        self._show("progress", {"value": step, "max": steps, "node": node_id})

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

    def _failure(self, node_id: str, inputs: dict[str, Any], fault: Exception) -> dict[str, Any]:
        kind = type(fault)
        builtin = kind.__module__ == "builtins"
        return {
            **self._whereabouts(node_id),
            "exception_message": f"{fault}\n",
            "exception_type": kind.__name__ if builtin else f"{kind.__module__}.{kind.__name__}",
            "traceback": traceback.format_tb(fault.__traceback__),
            "current_inputs": {name: [str(value)[:200]] for name, value in inputs.items()},
            "current_outputs": list(self.graph),
        }


def file_state(path: Path, kind: str | None) -> str:
    """A clip's time of change, any other file's contents: as ComfyUI's loaders tell it."""
    if not path.is_file():
        return "missing"
    if kind == "input:video":
        return f"{path.stat().st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _EndedRun(Exception):
    """The run is over, and its last message says why."""
