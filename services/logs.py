import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

import structlog

from services.telemetry.tracing import trace_id_of

HIDDEN = "***"
SECRET_KEYS = re.compile(
    r"passw|secret|token|authorization|cookie|credential|api_?key|access_?key", re.IGNORECASE
)
TEXT_KEYS = frozenset(
    {"prompt", "negative_prompt", "keywords", "pose_hints", "original_filename", "text"}
)
"""What people wrote."""
# Of a line of JSON: a value ends before its quotation mark or a backslash.
SECRETS_IN_TEXT = [
    re.compile(r"([?&](?:X-Amz-\w[\w-]*|Signature|token|sig)=)[^&\s\"'\\]+", re.IGNORECASE),
    re.compile(r"(://)[^/@\s\"'\\]+(?=@)"),
    re.compile(r"((?:Bearer|Basic) )[\w.~+/=-]{8,}"),
    re.compile(r"\b((?:amx|whsec)_)[\w+/=-]{8,}"),
    re.compile(r"((?:__Host-)?animatrix=)[\w.~+/=-]{8,}"),
    re.compile(r"([?&#](?:code|state|client_secret|id_token)=)[^&\s\"'\\]+"),
    # The secret part of a shared video's address.
    re.compile(r"(/s/)[\w-]{8,}"),
]
WORKFLOW_ID = re.compile(
    r"(job|delete|asset|withdraw)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
SUBJECTS = {
    "job": "job_id",
    "delete": "job_id",
    "asset": "asset_id",
    "withdraw": "prompt_id",
}


class Redaction:
    """Keeps what is nobody's business out of the log."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._shows_texts = False

    def configure(self, values: Iterable[str], *, shows_texts: bool) -> None:
        self._values = tuple(value for value in values if value)
        self._shows_texts = shows_texts

    def by_key(
        self, _logger: object, method: str, event: structlog.types.EventDict
    ) -> structlog.types.EventDict:
        hides_texts = not self._shows_texts and method != "debug"
        for key in event:
            if SECRET_KEYS.search(key) or (hides_texts and key in TEXT_KEYS):
                event[key] = HIDDEN
        return event

    def in_line(self, _logger: object, _method: str, line: Any) -> str:
        text = str(line)
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for pattern in SECRETS_IN_TEXT:
            text = pattern.sub(rf"\1{HIDDEN}", text)
        return text


_redaction = Redaction()


def hide(values: Iterable[str], *, shows_texts: bool) -> None:
    """Keep these values out of the log from now on, and people's texts unless they are wanted."""
    _redaction.configure(values, shows_texts=shows_texts)


def configure(service: str) -> None:
    """One JSON line an event on standard error, for our own loggers and for the libraries'."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _add_workflow],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redaction.by_key,
                structlog.processors.JSONRenderer(),
                _redaction.in_line,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # httpx logs every request with its full URL, once a second for each prompt that is watched.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


def subject(**ids: str) -> dict[str, str]:
    """What a line is about, with the trace of its job."""
    return {**ids, "trace_id": trace_id_of(ids["job_id"])} if "job_id" in ids else ids


def _add_workflow(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """The ids in a workflow's id, on the lines that workflows log."""
    told = getattr(event["_record"], "temporal_workflow", None)
    found = WORKFLOW_ID.match(told["workflow_id"]) if told else None
    if found is not None:
        event.update(subject(**{SUBJECTS[found[1]]: found[2]}))
    return event
