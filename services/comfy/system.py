"""What the server is and has."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyError, ComfyProtocol, ComfyRejected


class Device(Model):
    """vram: bytes."""

    name: str = ""
    type: str = ""
    vram_total: int = 0
    vram_free: int = 0


class SystemStats(Model):
    """simulated: it is the stand-in, which draws its results instead of generating them."""

    comfyui_version: str
    argv: list[str] = []
    simulated: bool = False
    devices: list[Device] = []


async def stats(connection: ComfyConnection) -> SystemStats:
    body = await connection.get_json("/system_stats")
    try:
        return SystemStats.model_validate({**body["system"], "devices": body.get("devices", [])})
    except (KeyError, TypeError, ValidationError) as error:
        raise ComfyProtocol("/system_stats: not the statistics of a ComfyUI server") from error


async def object_info(connection: ComfyConnection) -> dict[str, Any]:
    """Every node class of the server. About a megabyte, and it stalls the server to make it."""
    body = await connection.get_json("/object_info")
    if not isinstance(body, dict):
        raise ComfyProtocol("/object_info: not a list of node classes")
    return body


def fingerprint(node_classes: Mapping[str, Any]) -> str:
    """sha256 over the names of the classes and their inputs: stable until nodes change."""
    names = {
        name: sorted(
            input_name
            for kind in ("required", "optional")
            for input_name in node_class.get("input", {}).get(kind, {})
        )
        for name, node_class in node_classes.items()
    }
    return hashlib.sha256(json.dumps(names, sort_keys=True).encode()).hexdigest()


async def models(connection: ComfyConnection, folder: str) -> list[str]:
    """The model files of a folder; none when the server doesn't know the folder."""
    try:
        body = await connection.get_json(f"/models/{quote(folder, safe='')}")
    except ComfyRejected as error:
        if error.status == httpx.codes.NOT_FOUND:
            return []
        raise
    if not isinstance(body, list):
        raise ComfyProtocol(f"/models/{folder}: not a list")
    return [str(name) for name in body]


async def reachable(connection: ComfyConnection) -> bool:
    """A ComfyUI server answers. It says nothing about its executor, which can be dead."""
    try:
        await connection.get_json("/prompt")
    except ComfyError:
        return False
    return True
