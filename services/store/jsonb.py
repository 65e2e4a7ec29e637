"""jsonb columns: asyncpg gives and takes them as text, Pydantic does the rest."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from services.store.database import Row


def dump(value: BaseModel | None) -> str | None:
    return None if value is None else value.model_dump_json()


def load_row(row: Row, columns: Mapping[str, TypeAdapter[Any]]) -> dict[str, Any]:
    """The row with the named columns parsed; a null stays None."""
    values = dict(row)
    for name, adapter in columns.items():
        if values[name] is not None:
            values[name] = adapter.validate_json(values[name])
    return values
