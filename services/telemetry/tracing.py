"""One trace for each job, whichever processes work at it.

A job's trace id, and the id of its first span, follow from the job's id. So every process finds the
trace without being told, after a restart too: nothing is stored for it. A caller's own trace is
linked from the first span.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, TraceFlags, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

NAME = "animatrix"
TRACES_PATH = "/v1/traces"
EXPORT_EVERY_MS = 1000
Attributes = Mapping[str, str | int | float | bool]

_propagator = TraceContextTextMapPropagator()
_chosen: ContextVar[tuple[int, int] | None] = ContextVar("chosen span id", default=None)


def trace_id_of(job_id: str) -> str:
    """32 hexadecimal digits, as traces are looked up by."""
    # Hashed, because samplers take the low bits for random, and a UUID's are not.
    return hashlib.sha256(f"job/{job_id}".encode()).hexdigest()[:32]


def span_id_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"span/{name}".encode()).digest()[:8])


class _Ids(IdGenerator):
    """Random ids, but for a span whose id was chosen."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        chosen = _chosen.get()
        return chosen[0] if chosen else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        chosen = _chosen.get()
        return chosen[1] if chosen else self._random.generate_span_id()


@contextmanager
def exporting(endpoint: str, share: float, service: str) -> Iterator[None]:
    """Send spans to an OTLP/HTTP collector in the background; what is left, at the end.

    share: of the jobs, by trace id, so that all processes choose the same ones.
    """
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)),
        resource=Resource.create({"service.name": f"{NAME}-{service}"}),
        id_generator=_Ids(),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + TRACES_PATH, timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EXPORT_EVERY_MS))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def tracer() -> Tracer:
    return trace.get_tracer(NAME)


def extracted(headers: Mapping[str, str]) -> Context:
    """What a caller's `traceparent` says; empty without one, or with a wrong one."""
    return _propagator.extract(headers, Context())


@contextmanager
def of_job(job_id: str) -> Iterator[None]:
    """What is begun in here belongs to the job's trace."""
    token = otel_context.attach(trace.set_span_in_context(NonRecordingSpan(_root(job_id))))
    try:
        yield
    finally:
        otel_context.detach(token)


def begin_job(
    job_id: str, name: str, *, start_ns: int, caller: Context, attributes: Attributes
) -> Span:
    """The first span of the job's trace, linked to the trace of who asked for the job."""
    asked_by = trace.get_current_span(caller).get_span_context()
    links = [Link(asked_by)] if asked_by.is_valid else []
    root = _root(job_id)
    return _start(
        name, (root.trace_id, root.span_id), Context(), start_ns, attributes=attributes, links=links
    )


def begin_prompt(prompt_id: str, *, start_ns: int, attributes: Attributes) -> Span:
    """A prompt's span, below the current one. Two watchers of the prompt tell the same span."""
    parent = trace.get_current_span().get_span_context()
    chosen = (parent.trace_id, span_id_of(prompt_id))
    return _start("prompt", chosen, None, start_ns, attributes=attributes)


def trace_response(job_id: str) -> str:
    """The job's trace in the form of a `traceresponse` header."""
    root = _root(job_id)
    return f"00-{root.trace_id:032x}-{root.span_id:016x}-{root.trace_flags:02x}"


def _start(
    name: str,
    chosen: tuple[int, int],
    context: Context | None,
    start_ns: int,
    *,
    attributes: Attributes,
    links: Sequence[Link] = (),
) -> Span:
    token = _chosen.set(chosen)
    try:
        return tracer().start_span(
            name, context, attributes=attributes, links=links, start_time=start_ns
        )
    finally:
        _chosen.reset(token)


def _root(job_id: str) -> SpanContext:
    trace_id = int(trace_id_of(job_id), 16)
    return SpanContext(trace_id, span_id_of(job_id), is_remote=True, trace_flags=_flags(trace_id))


def _flags(trace_id: int) -> TraceFlags:
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        return TraceFlags(TraceFlags.DEFAULT)
    decision = provider.sampler.should_sample(Context(), trace_id, "").decision
    sampled = decision is Decision.RECORD_AND_SAMPLE
    return TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
