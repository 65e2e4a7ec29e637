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
        wrong = {name: _unlike(given[name], cls.model_fields[name]) for name in fields}
        errors = [
            InitErrorDetails(type=error, loc=(name,), input=given[name])
            for name, error in wrong.items()
            if error is not None
        ]
        if errors:
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


def _unlike(value: Any, field: FieldInfo) -> PydanticCustomError | None:
    """What is wrong with a number or truth value that is written as something else."""
    kinds = _kinds(field.annotation)
    wanted = (bool,) if bool in kinds else (int, float)
    if not kinds <= PLAIN or not isinstance(value, str | int | float) or type(value) in wanted:
        return None
    if bool in kinds:
        return PydanticCustomError("bool_parsing", "this is not true or false")
    kind = "float_parsing" if float in kinds else "int_parsing"
    return PydanticCustomError(kind, "this is not a number")


def _kinds(annotation: Any) -> frozenset[Any]:
    """The types that a field's value may have."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return frozenset().union(*map(_kinds, get_args(annotation)))
    return frozenset({annotation})
