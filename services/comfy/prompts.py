"""Sending a graph."""

import time
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
    failure,
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
    answer = read_answer(connection, await _post(connection, body))
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
    started = time.monotonic()
    try:
        return await connection.http.post("/prompt", json=body)
    except NEVER_SENT as error:
        raise ComfyUnavailable(f"POST /prompt: {failure(error, started)}") from error
    except httpx.RequestError as error:
        # The server runs a prompt whose client is gone.
        raise ComfyAmbiguous(f"POST /prompt: {failure(error, started)}") from error


def read_answer(connection: ComfyConnection, response: httpx.Response) -> Answer:
    if response.is_server_error or response.status_code == httpx.codes.REQUEST_TIMEOUT:
        # ComfyUI answers 500 to bad shapes, and to some prompts that it queued all the same.
        raise ComfyAmbiguous(connection.describe(response))
    if response.status_code == httpx.codes.BAD_REQUEST:
        raise read_refusal(connection, response)
    connection.check(response)
    try:
        return Answer.model_validate(connection.read_json(response))
    except (ComfyProtocol, ValidationError) as error:
        raise ComfyAmbiguous(f"no receipt: {connection.describe(response)}") from error


class Complaint(Model):
    type: str | None = None
    message: str = ""
    details: str = ""


class Refusal(Model):
    error: Complaint = Complaint()
    node_errors: dict[str, Any] = {}


def read_refusal(connection: ComfyConnection, response: httpx.Response) -> ComfyRejected:
    try:
        refusal = Refusal.model_validate(connection.read_json(response))
    except (ComfyProtocol, ValidationError):
        refusal = Refusal()
    complaint = refusal.error
    sentence = f"{complaint.message} {complaint.details}".strip()
    return ComfyRejected(
        f"POST /prompt: {response.status_code}: {sentence}"
        if sentence
        else connection.describe(response),
        status=response.status_code,
        error_type=complaint.type,
        details=complaint.details,
        node_errors=refusal.node_errors,
    )
