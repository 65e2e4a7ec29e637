import base64
import binascii
from datetime import datetime

from pydantic import ValidationError

from proto.model import Model


class BadCursor(ValueError):
    """A cursor that no page of ours gave out."""


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
