"""A further way into the running stack, which may be closed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from services.local.child import Child
from services.local.children import services
from services.local.layout import Layout, Ports
from tests.conftest import free_base_port

READY_WITHIN_S = 60.0
SHARED = [
    ("gateway", "postgres"),
    ("gateway", "temporal"),
    ("gateway", "s3"),
    ("ingress", "s3"),
]
"""Which server uses which listener of the stack."""


@dataclass(frozen=True)
class Door:
    url: str
    gateway: Child


@contextmanager
def open_door(layout: Layout) -> Iterator[Door]:
    """A gateway and an ingress before it; all behind them is the stack's."""
    own = replace(
        layout,
        data=layout.folder("door"),
        ports=Ports(free_base_port()),
        detours={(user, listener): layout.ports[listener] for user, listener in SHARED},
    )
    gateway, *_, ingress = services(own)
    try:
        start(gateway)
        start(ingress)
        yield Door(own.url, gateway)
    finally:
        for child in (ingress, gateway):
            child.stop(time.monotonic() + 5)


def start(child: Child) -> None:
    child.spawn()
    until = time.monotonic() + READY_WITHIN_S
    while not child.is_ready():
        assert child.running, child.last_words
        assert time.monotonic() < until, f"{child.name} is not ready"
        time.sleep(0.05)
