from dataclasses import dataclass

from proto.job import SecondsRange
from services.store.checkpoints import Pace

FINISHING_S = (2, 10)
"""About what follows the last step: decoding, fetching, joining."""

# The first step includes loading the models, so it says nothing.
TELLING_STEPS = 2
FASTER, SLOWER = 0.9, 1.3


@dataclass(frozen=True)
class Outlook:
    """How long a job still takes, from its own steps and from what segments alike took lately.

    length: frames of the segment that renders. rest_frames: those rendered after it. pace: None
    while nothing is known of segments alike.
    """

    steps: int
    length: int
    rest_frames: int
    pace: Pace | None

    def left(self, step: float, ran_s: float) -> SecondsRange | None:
        """None while nothing is known. step: done of this segment, in ran_s seconds."""
        own = self._own_pace(step, ran_s)
        rest = self.pace or own
        if rest is None:
            return None
        if own is not None:
            part = self.length * (1 - step / self.steps)
            low, high = own.low * part, own.high * part
        else:
            low, high = (max(pace * self.length - ran_s, 0) for pace in (rest.low, rest.high))
        soonest, latest = FINISHING_S
        return SecondsRange(
            low=round(low + rest.low * self.rest_frames) + soonest,
            high=round(high + rest.high * self.rest_frames) + latest,
        )

    def _own_pace(self, step: float, ran_s: float) -> Pace | None:
        if step < TELLING_STEPS or not self.length:
            return None
        mean = ran_s / step * self.steps / self.length
        return Pace(low=FASTER * mean, high=SLOWER * mean)
