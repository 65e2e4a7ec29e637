"""What the log keeps to itself."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services import logs
from services.telemetry.tracing import trace_id_of

JOB = "7a4a8db0-556b-468d-afb5-c3e3de7d84de"
SIGNED = "http://s3/media/a.mp4?X-Amz-Credential=AKIA%2Fx&X-Amz-Signature=0a1b2c&part=1"


class Lines:
    def __init__(self, out: io.StringIO) -> None:
        self._out = out

    @property
    def text(self) -> str:
        return self._out.getvalue()

    @property
    def last(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.text.splitlines()[-1])
        return line


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.configure("test")
    yield Lines(out)
    logs.hide([], shows_texts=False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def test_secret_is_hidden_wherever_it_occurs(lines: Lines) -> None:
    logs.hide(["hunter2", ""], shows_texts=False)
    structlog.get_logger().warning("no answer", cause="login hunter2 refused", api_key="k-1")
    assert "hunter2" not in lines.text
    assert lines.last["cause"] == "login *** refused"
    assert lines.last["api_key"] == "***"


def test_signature_is_hidden_and_the_rest_of_its_url_stays(lines: Lines) -> None:
    structlog.get_logger().info("read", url=SIGNED)
    hidden = "http://s3/media/a.mp4?X-Amz-Credential=***&X-Amz-Signature=***&part=1"
    assert lines.last["url"] == hidden


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:s3cret@db/x",
        "Authorization: Bearer s3cret.s3cret",
        "the token amx_s3cret-s3cret",
        "signed with whsec_s3crets3cret=",
        "Cookie: a=b; __Host-animatrix=s3cret-s3cret",
        "http://localhost/sign-in#code=s3cret",
        "GET /api/sign-in/oidc/callback?code=s3cret&state=s3cret",
        "GET /s/s3cret-s3cret/video.mp4",
    ],
)
def test_credentials_in_a_librarys_line_are_hidden(lines: Lines, text: str) -> None:
    logging.getLogger("library").error("can't reach %s", text)
    assert "s3cret" not in lines.text


def test_credentials_in_a_traceback_are_hidden(lines: Lines) -> None:
    error = ConnectionError("postgresql://me:s3cret@db/x is away")
    structlog.get_logger().error("ended", exc_info=error)
    assert "is away" in lines.text
    assert "s3cret" not in lines.text


def test_prompt_is_shown_only_when_asked_for(lines: Lines) -> None:
    structlog.get_logger().info("submitting", prompt="she waves")
    assert lines.last["prompt"] == "***"
    logs.hide([], shows_texts=True)
    structlog.get_logger().info("submitting", prompt="she waves")
    assert lines.last["prompt"] == "she waves"


def test_workflows_line_names_its_job_and_trace(lines: Lines) -> None:
    extra = {"temporal_workflow": {"workflow_id": f"job-{JOB}-2"}}
    logging.getLogger("temporalio.workflow").warning("not joined", extra=extra)
    assert lines.last["job_id"] == JOB
    assert lines.last["trace_id"] == trace_id_of(JOB)
