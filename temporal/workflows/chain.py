from proto.plan import PREPARATION, PlanRef
from proto.render import Checkpoint, Resumed


class Chain:
    """A plan's checkpoints, as far as they are made.

    Each segment goes on from the one before.
    """

    def __init__(self, plan: PlanRef, resumed: Resumed) -> None:
        self._plan = plan
        self._made = {checkpoint.segment: checkpoint for checkpoint in resumed.made}
        self._generations = dict(resumed.generations)
        self._limit = len(plan.segments)

    @property
    def is_whole(self) -> bool:
        """Whether all of the plan is wanted."""
        return self._limit == len(self._plan.segments)

    @property
    def can_stop(self) -> bool:
        """Whether something is made that can be kept without what is to follow."""
        return self.is_whole and any(index >= 0 for index in self._made)

    def stop(self) -> None:
        """Want nothing after what is made. What is lost of that is made again all the same."""
        self._limit = max(self._made) + 1

    def next_missing(self) -> int | None:
        """What is to be made next; None when everything wanted is there."""
        missing = [index for index in range(self._limit) if index not in self._made]
        if not missing:
            return None
        if self._plan.preparation is not None and PREPARATION not in self._made:
            return PREPARATION
        return missing[0]

    def is_last(self, index: int) -> bool:
        """Whether nothing is left to make after it."""
        if index == PREPARATION:
            return False
        return all(other in self._made for other in range(self._limit) if other != index)

    def playable(self) -> list[Checkpoint]:
        """The segments from the first one to the first gap."""
        found = []
        for index in range(self._limit):
            if index not in self._made:
                break
            found.append(self._made[index])
        return found

    def before(self, index: int) -> Checkpoint | None:
        """The segment that this one goes on from."""
        return self._made.get(index - 1) if index > 0 else None

    @property
    def preparation(self) -> Checkpoint | None:
        return self._made.get(PREPARATION)

    def add(self, checkpoint: Checkpoint) -> None:
        self._made[checkpoint.segment] = checkpoint

    def lose(self, index: int) -> None:
        self._made.pop(index, None)

    def next_generation(self, index: int) -> int:
        """A number that no attempt at this segment has had."""
        generation = self._generations.get(index, 0)
        self._generations[index] = generation + 1
        return generation

    def share(self, index: int) -> tuple[float, float]:
        """Where the segment's progress begins, and how much of it is the segment's: of 1."""
        prepared = self._plan.preparation or 0.0
        if index == PREPARATION:
            return 0.0, prepared
        shares = [segment.share for segment in self._plan.segments]
        return prepared + sum(shares[:index]), shares[index]

    def frames_after(self, index: int) -> int:
        """How many frames are to be rendered once this segment is done."""
        missing = (other for other in range(self._limit) if other not in self._made)
        return sum(self._plan.segments[other].length for other in missing if other != index)
