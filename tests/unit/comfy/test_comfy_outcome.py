from typing import Any

import pytest

from proto.render import BackendFile, PromptEnd
from services.comfy.history import HistoryEntry, Status
from services.comfy.outcome import judge

VIDEO = {"filename": "a_00001_.mp4", "subfolder": "video", "type": "output"}
START = ("execution_start", {"timestamp": 1_000})
CACHED = ("execution_cached", {"nodes": ["1", "2"], "timestamp": 1_000})
SUCCESS = ("execution_success", {"timestamp": 3_500})
ERROR = (
    "execution_error",
    {
        "node_id": "7",
        "node_type": "KSampler",
        "exception_type": "torch.OutOfMemoryError",
        "exception_message": "Allocation on device\n",
        "timestamp": 2_000,
    },
)
INTERRUPTED = ("execution_interrupted", {"node_id": "7", "timestamp": 2_000})


def entry(*messages: tuple[str, dict[str, Any]], completed: bool, **outputs: Any) -> HistoryEntry:
    word = "success" if completed else "error"
    status = Status(status_str=word, completed=completed, messages=[START, CACHED, *messages])
    return HistoryEntry(prompt_id="p1", outputs=outputs, status=status)


def test_completed_prompt_with_every_file_succeeded() -> None:
    ended = entry(SUCCESS, completed=True, save={"images": [VIDEO], "animated": [True]})
    outcome = judge(ended, ["save"])
    assert outcome.end is PromptEnd.SUCCEEDED
    assert outcome.files == {"save": [BackendFile(**VIDEO)]}
    assert (outcome.cached_nodes, outcome.execution_s) == (["1", "2"], 2.5)


def test_files_are_told_by_the_node_that_saved_them() -> None:
    latent = {"latents": [{**VIDEO, "filename": "a.latent"}]}
    ended = entry(SUCCESS, completed=True, save={"images": [VIDEO]}, latent=latent)
    files = judge(ended, ["latent", "save"]).files
    names = {node: [file.filename for file in saved] for node, saved in files.items()}
    assert names == {"latent": ["a.latent"], "save": ["a_00001_.mp4"]}


def test_success_without_a_wanted_file_is_a_failure() -> None:
    reported: list[dict[str, Any]] = [{}, {"save": None}, {"save": {"text": ["hello"]}}]
    for outputs in reported:
        outcome = judge(entry(SUCCESS, completed=True, **outputs), ["save"])
        assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "save")
        assert outcome.machine_fault


def test_success_that_ends_in_an_error_message_is_a_failure() -> None:
    ended = entry(ERROR, completed=True, save={"images": [VIDEO]})
    assert judge(ended, ["save"]).end is PromptEnd.FAILED


def test_failure_names_the_node_and_the_exception() -> None:
    outcome = judge(entry(ERROR, completed=False, save={"images": [VIDEO]}), ["save"])
    assert (outcome.end, outcome.failed_node, outcome.files) == (PromptEnd.FAILED, "7", {})
    assert outcome.cause == "torch.OutOfMemoryError: Allocation on device (node 7, KSampler)"


@pytest.mark.parametrize(
    ("message", "is_fault"),
    [
        ("OutOfMemoryError: allocation failed", True),
        ("[Errno 28] No space left on device", True),
        ("CUDA error: an illegal memory access", True),
        ("The picture is too small", False),
    ],
)
def test_fault_of_the_machine_is_told_from_one_of_the_job(message: str, is_fault: bool) -> None:  # noqa: FBT001
    error = ("execution_error", {"exception_type": "RuntimeError", "exception_message": message})
    assert judge(entry(error, completed=False), ["save"]).machine_fault is is_fault


def test_interrupt_is_told_from_a_failure_by_the_last_message() -> None:
    outcome = judge(entry(INTERRUPTED, completed=False), ["save"])
    assert (outcome.end, outcome.cause) == (PromptEnd.INTERRUPTED, None)


def test_success_message_without_completion_is_a_failure() -> None:
    ended = entry(SUCCESS, completed=False, save={"images": [VIDEO]})
    assert judge(ended, ["save"]).end is PromptEnd.FAILED


def test_entry_without_messages_is_a_failure() -> None:
    outcome = judge(HistoryEntry(prompt_id="p1", status=Status()), [])
    assert (outcome.end, outcome.execution_s) == (PromptEnd.FAILED, None)


def test_unknown_keys_of_newer_servers_are_ignored() -> None:
    file = {**VIDEO, "id": "x", "preview_id": None}
    ended = entry(SUCCESS, completed=True, save={"video": [file], "duration": 3.0})
    assert judge(ended, ["save"]).files == {"save": [BackendFile(**VIDEO)]}
