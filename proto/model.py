from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A value: frozen, and tolerant of fields a newer writer added."""

    model_config = ConfigDict(frozen=True)


class Request(Model):
    """A body a client sent: a field we do not know is the client's mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
