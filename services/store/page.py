import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ValidationError

from proto.model import Model


class BadCursor(ValueError):
    """A cursor that no page of ours gave out."""


Item = TypeVar("Item")


class Cursor(Model):
    """Where a newest-first list goes on: after the row with this time and id."""

    at: datetime
    id: str

    def encode(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(text.encode()))
        except (binascii.Error, UnicodeError, ValidationError) as error:
            raise BadCursor("the page's cursor is not one of ours") from error


NEWEST = Cursor(at=datetime.max.replace(tzinfo=UTC), id="")
"""A row after all others, where a list begins without a cursor."""


def cut_page(
    rows: list[Item], limit: int, cursor: Callable[[Item], Cursor]
) -> tuple[list[Item], str | None]:
    """The first `limit` rows, and the cursor of the next page when there are more."""
    page = rows[:limit]
    return page, cursor(page[-1]).encode() if len(rows) > limit else None
