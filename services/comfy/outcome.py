"""How a prompt ended.

The server's `success` may lie: errors of its scheduler, blocked outputs and half-refused prompts
all get it. Its `error` means failed or cancelled. Only the last message and the files tell.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from proto.render import BackendFile, PromptEnd, PromptOutcome
from services.comfy.history import HistoryEntry

MACHINE_FAULTS = ("OutOfMemory", "No space left", "CUDA error")
"""What an error says that another backend, or the same one later, may not run into."""


def judge(entry: HistoryEntry, wanted_nodes: Sequence[str]) -> PromptOutcome:
    """Success only if the prompt completed and each of `wanted_nodes` reported a file."""
    verdict = PromptOutcome(
        prompt_id=entry.prompt_id,
        end=PromptEnd.FAILED,
        cached_nodes=_cached_nodes(entry),
        execution_s=_execution_s(entry),
    )
    event, data = entry.status.messages[-1] if entry.status.messages else ("no message", {})
    if event == "execution_interrupted":
        update = {"end": PromptEnd.INTERRUPTED, "failed_node": data.get("node_id")}
    elif event == "execution_error":
        update = _error(data)
    elif event != "execution_success" or not entry.status.completed:
        update = {"cause": f"{entry.status.status_str or 'no status'}, last message: {event}"}
    else:
        update = _success(entry, wanted_nodes)
    return verdict.model_copy(update=update)


def _success(entry: HistoryEntry, wanted_nodes: Sequence[str]) -> dict[str, Any]:
    files: dict[str, list[BackendFile]] = {}
    for node in wanted_nodes:
        files[node] = list(_files(entry.outputs.get(node)))
        if not files[node]:
            cause = f"the prompt succeeded, yet its node {node} reported no file"
            return {"cause": cause, "failed_node": node, "machine_fault": True}
    return {"end": PromptEnd.SUCCEEDED, "files": files}


def _files(output: dict[str, Any] | None) -> Iterator[BackendFile]:
    # Nodes name their lists as they like (images, audio, latents, gifs …).
    for reported in (output or {}).values():
        for item in reported if isinstance(reported, list) else []:
            if isinstance(item, dict) and isinstance(item.get("filename"), str):
                yield BackendFile.model_validate({"subfolder": "", "type": "output", **item})


def _error(data: dict[str, Any]) -> dict[str, Any]:
    kind = data.get("exception_type", "error")
    message = str(data.get("exception_message", "")).strip()
    cause = f"{kind}: {message} (node {data.get('node_id')}, {data.get('node_type')})"
    fault = any(words in cause for words in MACHINE_FAULTS)
    return {"cause": cause, "failed_node": data.get("node_id"), "machine_fault": fault}


def _cached_nodes(entry: HistoryEntry) -> list[str]:
    return [
        str(node)
        for event, data in entry.status.messages
        if event == "execution_cached"
        for node in data.get("nodes", [])
    ]


def _execution_s(entry: HistoryEntry) -> float | None:
    stamps = [data["timestamp"] for _, data in entry.status.messages if "timestamp" in data]
    return (stamps[-1] - stamps[0]) / 1000 if stamps else None
