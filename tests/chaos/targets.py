"""What can be hurt, by the names the stack has for it, and the connections that belong to it."""

from dataclasses import dataclass

CUSTOMERS = "customers"
OURS = ("gateway", "workflows worker", "media worker", "comfy worker", "gpu worker")
LISTENERS = {
    "gateway": "gateway",
    "workflow server": "temporal",
    "database": "postgres",
    "files": "s3",
    "ingress": "http",
}
"""What leads to each of those that others connect to."""


@dataclass(frozen=True)
class Way:
    """A connection from one server of the stack, or from customers, to another's listener."""

    user: str
    listener: str


WAYS = [
    *(Way(user, listener) for user in OURS for listener in ("temporal", "postgres", "s3")),
    Way("ingress", "gateway"),
    Way("ingress", "s3"),
    Way(CUSTOMERS, "http"),
]
"""All but those to the stand-ins: everybody reaches one by the same address."""


@dataclass(frozen=True)
class Target:
    """ways: what leads to it and from it. stand_in: its number, from 1, where it is one."""

    name: str
    ways: tuple[Way, ...] = ()
    stand_in: int | None = None


def targets(stand_ins: int) -> list[Target]:
    named = [
        Target(name, tuple(way for way in WAYS if name == way.user or _leads_to(way, name)))
        for name in dict.fromkeys([*OURS, *LISTENERS])
    ]
    renderers = [
        Target(stand_in_name(number, stand_ins), stand_in=number)
        for number in range(1, stand_ins + 1)
    ]
    return [*named, *renderers]


def stand_in_name(number: int, stand_ins: int) -> str:
    """As the stack calls the stand-in."""
    return f"simulated renderer {number}" if stand_ins > 1 else "simulated renderer"


def _leads_to(way: Way, name: str) -> bool:
    return LISTENERS.get(name) == way.listener
