"""Sending a graph."""

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import ValidationError

from proto.model import Model
from services.comfy.connection import (
    ComfyAmbiguous,
    ComfyConnection,
    ComfyProtocol,
    ComfyRejected,
    ComfyUnavailable,
    check,
    read_json,
)

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


class Accepted(Model):
    """The server has the prompt in its line. number: its place, lower runs first."""

    prompt_id: str
    number: float


class Answer(Accepted):
    node_errors: dict[str, Any] = {}


async def submit(
    connection: ComfyConnection,
    graph: Mapping[str, Any],
    *,
    prompt_id: str,
    client_id: str,
    extra_pnginfo: Mapping[str, Any],
) -> Accepted:
    """Queue `graph` once.

    extra_pnginfo: what the server writes into the files it saves.
    Raises ComfyAmbiguous when the prompt may or may not be queued now.
    """
    body = {
        "prompt": graph,
        "prompt_id": prompt_id,
        "client_id": client_id,
        "extra_data": {"extra_pnginfo": extra_pnginfo},
    }
    answer = read_answer(await _post(connection, body))
    if answer.node_errors:
        raise ComfyRejected(
            f"prompt {prompt_id} is queued, without the outputs that failed validation",
            status=200,
            error_type="prompt_outputs_failed_validation",
            node_errors=answer.node_errors,
            queued=True,
        )
    return Accepted(prompt_id=answer.prompt_id, number=answer.number)


async def _post(connection: ComfyConnection, body: Mapping[str, Any]) -> httpx.Response:
    try:
        return await connection.http.post("/prompt", json=body)
    except NEVER_SENT as error:
        raise ComfyUnavailable(f"POST /prompt: {type(error).__name__}: {error}") from error
    except httpx.RequestError as error:
        # The server runs a prompt whose client is gone.
        raise ComfyAmbiguous(f"POST /prompt: {type(error).__name__}: {error}") from error


def read_answer(response: httpx.Response) -> Answer:
    if response.is_server_error or response.status_code == httpx.codes.REQUEST_TIMEOUT:
        # ComfyUI answers 500 to bad shapes, and to some prompts that it queued all the same.
        raise ComfyAmbiguous(f"POST /prompt: {response.status_code}")
    if response.status_code == httpx.codes.BAD_REQUEST:
        raise read_refusal(response)
    check(response)
    try:
        return Answer.model_validate(read_json(response))
    except (ComfyProtocol, ValidationError) as error:
        raise ComfyAmbiguous("POST /prompt: success without a receipt") from error


class Complaint(Model):
    type: str | None = None
    message: str = ""
    details: str = ""


class Refusal(Model):
    error: Complaint = Complaint()
    node_errors: dict[str, Any] = {}


def read_refusal(response: httpx.Response) -> ComfyRejected:
    try:
        refusal = Refusal.model_validate(read_json(response))
    except (ComfyProtocol, ValidationError):
        refusal = Refusal()
    complaint = refusal.error
    return ComfyRejected(
        f"POST /prompt: {complaint.message or 'refused'} {complaint.details}".rstrip(),
        status=response.status_code,
        error_type=complaint.type,
        details=complaint.details,
        node_errors=refusal.node_errors,
    )
