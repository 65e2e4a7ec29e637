"""What crosses a process boundary, once, as Pydantic models."""
