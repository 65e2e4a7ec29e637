"""Which traces there are, and which ids they have."""

import uuid

from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased

from services.telemetry import tracing

SHARE = 0.25
JOBS = [str(uuid.UUID(int=number * 2**64 + number, version=4)) for number in range(2000)]


def test_share_of_the_jobs_is_what_was_asked_for() -> None:
    sampler = TraceIdRatioBased(SHARE)
    chosen = [
        sampler.should_sample(None, int(tracing.trace_id_of(job_id), 16), "") for job_id in JOBS
    ]
    kept = sum(result.decision is Decision.RECORD_AND_SAMPLE for result in chosen)
    assert 0.2 < kept / len(JOBS) < 0.3


def test_jobs_trace_is_found_without_being_told() -> None:
    with tracing.of_job(JOBS[1]):
        context = trace.get_current_span().get_span_context()
    assert f"{context.trace_id:032x}" == tracing.trace_id_of(JOBS[1])
    assert tracing.trace_id_of(JOBS[1]) != tracing.trace_id_of(JOBS[2])


def test_nothing_is_recorded_where_no_collector_is_named() -> None:
    assert not tracing.tracer().start_span("any").is_recording()


def test_wrong_traceparent_is_no_parent() -> None:
    for text in ("", "00-zz-1-01", f"00-{'0' * 32}-{'1' * 16}-01", "x" * 5000):
        context = tracing.extracted({"traceparent": text})
        assert not trace.get_current_span(context).get_span_context().is_valid
