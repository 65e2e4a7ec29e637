from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

PLAIN = frozenset({bool, int, float, NoneType})


class Model(BaseModel):
    """A value: frozen, and tolerant of fields a newer writer added."""

    model_config = ConfigDict(frozen=True)


class Request(Model):
    """A body a client sent: a field we do not know is the client's mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, given: Any) -> Any:
        # JSON has numbers and truth values of its own: "1" is no number, and 1 is not true.
        fields = cls.model_fields.keys() & given.keys() if isinstance(given, dict) else ()
        wrong = [name for name in fields if _is_unlike(given[name], cls.model_fields[name])]
        if wrong:
            unlike = PydanticCustomError(
                "unlike_type", "write numbers as 1, and yes or no as true or false"
            )
            errors = [InitErrorDetails(type=unlike, loc=(n,), input=given[n]) for n in wrong]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return given

    @field_validator("*")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        # The one character that Postgres can't keep in a text.
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and "\x00" in text for text in texts):
            raise PydanticCustomError("unstorable_text", "a text can't hold the NUL character")
        return value


def _is_unlike(value: Any, field: FieldInfo) -> bool:
    kinds = _kinds(field.annotation)
    wanted = (bool,) if bool in kinds else (int, float)
    return kinds <= PLAIN and isinstance(value, str | int | float) and type(value) not in wanted


def _kinds(annotation: Any) -> frozenset[Any]:
    """The types that a field's value may have."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return frozenset().union(*map(_kinds, get_args(annotation)))
    return frozenset({annotation})
