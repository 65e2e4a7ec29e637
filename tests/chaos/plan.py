"""What a run does, drawn from its seed: the jobs that are asked for and the faults between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Any

from tests.chaos.scripts import order_for
from tests.chaos.targets import Target

CANCELLED_SHARE = 0.25
STREAMED_SHARE = 0.3
STANDARD_SHARE = 0.15
ASKED_TWICE_SHARE = 0.2
LONGEST_DELAY_S = 6.0
KEPT_SHARE = 0.3
RETRIED_SHARE = 0.75
A_SEGMENT_S = 2.0
"""About what one takes while others render too."""

MORE_KILLS = 2
SHORTEST_FAULT_S = 1.0
LONGEST_CUT_S = 15.0


class Moment(StrEnum):
    """When a customer changes their mind: at a status, or at any time."""

    ACCEPTED = "accepted"
    READ = "uploaded"
    IN_LINE = "queued"
    RUNNING = "executing"
    COLLECTING = "collecting_outputs"
    ANY = "any"


@dataclass(frozen=True)
class Order:
    """One job somebody wants. mode: as in the path. assets: field to the name of a sample.

    cancel: when they don't want it any more. cancel_after_s: after that moment. streamed: whether
    they watch its stream. asked_twice: they send the request again though it was answered.
    segments: how many its file needs. keep_after_s: when they have it end with what is done, from
    its acceptance on. retries: they have it taken up again when it failed or was stopped.
    """

    number: int
    mode: str
    settings: dict[str, Any]
    assets: dict[str, str]
    cancel: Moment | None
    cancel_after_s: float
    streamed: bool
    asked_twice: bool
    segments: int = 1
    keep_after_s: float | None = None
    retries: bool = False


class FaultKind(StrEnum):
    KILL = "kill"
    STOP = "stop"
    RESTART = "restart"
    CUT = "cut"
    STALL = "stall"
    RESET = "reset"
    SCRIPT = "script"


AT_ONCE = frozenset({FaultKind.KILL, FaultKind.RESTART, FaultKind.RESET})
"""These are over as soon as they are done."""


@dataclass(frozen=True)
class Fault:
    """gap_s: since the one before began. seconds: how long it lasts. script: for a stand-in."""

    gap_s: float
    kind: FaultKind
    target: Target
    seconds: float
    script: dict[str, Any] | None = None

    @property
    def script_name(self) -> str | None:
        return self.script["fault"] if self.script else None

    @property
    def name(self) -> str:
        return f"{self.kind} {self.script_name}" if self.script else str(self.kind)


PICTURE = "picture"
MODES: list[tuple[str, dict[str, Any], list[dict[str, str]]]] = [
    (
        "animate",
        {"animate_submode": "move"},
        [{"motion_video_asset_id": "clip"}, {"motion_video_asset_id": "silent"}],
    ),
    (
        "animate",
        {"animate_submode": "mix", "subject_points": [{"x": 0.4, "y": 0.4, "label": 1}]},
        [{"motion_video_asset_id": "clip"}, {"motion_video_asset_id": "silent"}],
    ),
    ("audio-performance", {"framing_mode": "portrait"}, [{"audio_asset_id": "voice"}]),
]


def orders(seed: int, count: int, segments: int = 1, long_every: int = 2) -> list[Order]:
    """The modes in turn; all else at random. segments: of each long_every-th one; 1 of the rest."""
    random, longer = Random(f"orders {seed}"), Random(f"long orders {seed}")  # noqa: S311
    return [
        _lengthened(longer, order, segments)
        if segments > 1 and order.number % long_every == 0
        else order
        for order in (_order(random, number) for number in range(count))
    ]


def _order(random: Random, number: int) -> Order:
    mode, settings, choices = MODES[number % len(MODES)]
    cancelled = random.random() < CANCELLED_SHARE
    return Order(
        number=number,
        mode=mode,
        settings={
            **settings,
            "prompt": f"Order {number}",
            "quality_profile": "standard" if random.random() < STANDARD_SHARE else "draft",
            "aspect_ratio": random.choice(["9:16", "16:9", "1:1"]),
            "priority": random.randint(1, 5),
            "seed": random.randrange(1 << 32),
        },
        assets={"ground_truth_asset_id": PICTURE, **random.choice(choices)},
        cancel=random.choice(list(Moment)) if cancelled else None,
        cancel_after_s=random.choice([0.0, random.uniform(0, LONGEST_DELAY_S)]),
        streamed=cancelled or random.random() < STREAMED_SHARE,
        asked_twice=random.random() < ASKED_TWICE_SHARE,
    )


def _lengthened(random: Random, order: Order, segments: int) -> Order:
    """It needs a longer file, and minds are changed at any time of the longer while it takes."""
    span_s = segments * A_SEGMENT_S
    kept, moment_s = random.random() < KEPT_SHARE, random.uniform(0, span_s)
    return replace(
        order,
        assets={
            name: sample if sample == PICTURE else long_sample(sample)
            for name, sample in order.assets.items()
        },
        segments=segments,
        cancel_after_s=random.choice([0.0, random.uniform(0, span_s)]),
        keep_after_s=moment_s if kept and order.cancel is None else None,
        retries=random.random() < RETRIED_SHARE,
    )


def long_sample(sample: str) -> str:
    return f"long {sample}"


def faults(
    seed: int,
    hurt: Sequence[Target],
    mean_gap_s: float,
    longest_stop_s: float,
    scripts: Sequence[str],
) -> Iterator[Fault]:
    """For ever: each kind on each target, at random and kills thrice; then all over again."""
    random = Random(f"faults {seed}")  # noqa: S311
    while True:
        deck = _deck(hurt, scripts)
        random.shuffle(deck)
        for kind, target, script in deck:
            yield Fault(
                gap_s=random.expovariate(1 / mean_gap_s),
                kind=kind,
                target=target,
                seconds=_seconds(random, kind, longest_stop_s),
                script=order_for(script, random) if script else None,
            )


def _deck(
    hurt: Sequence[Target], scripts: Sequence[str]
) -> list[tuple[FaultKind, Target, str | None]]:
    cards: list[tuple[FaultKind, Target, str | None]] = []
    for target in hurt:
        plain = [kind for kind in FaultKind if kind is not FaultKind.SCRIPT]
        cards += [(kind, target, None) for kind in [*plain, *[FaultKind.KILL] * MORE_KILLS]]
        if target.stand_in is not None:
            cards += [(FaultKind.SCRIPT, target, script) for script in scripts]
    return cards


def _seconds(random: Random, kind: FaultKind, longest_stop_s: float) -> float:
    longest_s = longest_stop_s if kind is FaultKind.STOP else min(longest_stop_s, LONGEST_CUT_S)
    return 0.0 if kind in AT_ONCE else random.uniform(SHORTEST_FAULT_S, longest_s)
