"""What the server is and has."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError, model_validator

from proto.backend import BackendFacts
from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyProtocol, ComfyRejected


class Device(Model):
    """vram: bytes; of a cpu the machine's memory."""

    name: str = ""
    type: str = ""
    vram_total: int = 0
    vram_free: int = 0

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, body: Any) -> Any:
        # Some kinds of device can't tell their memory.
        if isinstance(body, dict):
            return {name: value for name, value in body.items() if value is not None}
        return body


class SystemStats(Model):
    """simulated: it is the stand-in, which draws its results instead of generating them."""

    comfyui_version: str
    argv: list[str] = []
    simulated: bool = False
    ram_total: int = 0
    ram_free: int = 0
    devices: list[Device] = []


@dataclass(frozen=True)
class Memory:
    """One kind of a server's memory. In bytes."""

    name: str
    free: int
    total: int


def memories(server: SystemStats) -> list[Memory]:
    """Of its largest device, and of its machine."""
    cards = _cards(server.devices)
    largest = max(cards, key=lambda card: card.vram_total, default=Device())
    return [
        Memory("video memory", largest.vram_free, largest.vram_total),
        Memory("memory", server.ram_free, server.ram_total),
    ]


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
    names = {name: sorted(_inputs(node_class)) for name, node_class in node_classes.items()}
    return hashlib.sha256(json.dumps(names, sort_keys=True).encode()).hexdigest()


def _inputs(node_class: Any) -> Iterator[str]:
    inputs = node_class.get("input") if isinstance(node_class, dict) else None
    for kind in ("required", "optional"):
        # Third-party classes leave either out, or null.
        yield from (inputs or {}).get(kind) or {}


@dataclass(frozen=True)
class Inventory:
    """What a server has to render with. models: file names by the folder they were asked for in."""

    facts: BackendFacts
    nodes: frozenset[str]
    models: Mapping[str, frozenset[str]]


async def inventory(connection: ComfyConnection, folders: Iterable[str]) -> Inventory:
    """Costs the server as much as object_info."""
    server = await stats(connection)
    node_classes = await object_info(connection)
    return Inventory(
        facts=BackendFacts(
            version=server.comfyui_version,
            node_fingerprint=fingerprint(node_classes),
            simulated=server.simulated,
            vram_bytes=_largest_vram(server.devices),
        ),
        nodes=frozenset(node_classes),
        models={folder: frozenset(await models(connection, folder)) for folder in folders},
    )


def _largest_vram(devices: list[Device]) -> int:
    return max((device.vram_total for device in _cards(devices)), default=0)


def _cards(devices: list[Device]) -> list[Device]:
    """Newer servers list the processor too, whose memory is no place to render in."""
    return [device for device in devices if device.type != "cpu"] or devices


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
