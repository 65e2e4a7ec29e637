from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError


class Model(BaseModel):
    """A value: frozen, and tolerant of fields a newer writer added."""

    model_config = ConfigDict(frozen=True)


class Request(Model):
    """A body a client sent: a field we do not know is the client's mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        # The one character that Postgres can't keep in a text.
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and "\x00" in text for text in texts):
            raise PydanticCustomError("unstorable_text", "a text can't hold the NUL character")
        return value
