from datetime import UTC, datetime


class Sightings:
    """Since when things are as they are, as far as this process has seen."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, datetime]] = {}

    def since(self, name: str, state: str) -> datetime:
        """When it was first seen in this state, without another one in between."""
        known = self._seen.get(name)
        if known is None or known[0] != state:
            known = self._seen[name] = (state, datetime.now(UTC))
        return known[1]
