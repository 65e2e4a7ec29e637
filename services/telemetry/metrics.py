"""Every metric of ours. Labels have few values: no ids, owners, texts or paths."""

import platform
from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

QUICK_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STEP_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
LONG_S = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0)

BUILD = Gauge("animatrix_build_info", "1; what runs here.", ["service", "version", "python"])
LOOP_LAG = Histogram(
    "animatrix_event_loop_lag_seconds", "How late the event loop wakes up.", buckets=QUICK_S
)

HTTP_REQUESTS = Counter(
    "animatrix_http_requests", "Requests answered.", ["method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "animatrix_http_request_seconds",
    "Until a request's answer has left; event streams are not in it.",
    ["method", "route"],
    buckets=QUICK_S,
)
SSE_VIEWERS = Gauge("animatrix_sse_viewers", "Event streams that are open.", ["route"])
EVENT_LAG = Gauge(
    "animatrix_event_lag_seconds", "From a change in the database until this gateway hears of it."
)
UPLOADS = Counter("animatrix_uploads", "Uploads answered.", ["kind", "verdict"])
UPLOAD_BYTES = Counter("animatrix_upload_bytes", "Received with uploads.", ["kind"])
UPLOAD_SECONDS = Histogram(
    "animatrix_upload_seconds", "From an upload's begin to its verdict.", ["kind"], buckets=STEP_S
)

JOBS = Gauge("animatrix_jobs", "Jobs that are not over.", ["mode", "status"])
JOBS_CREATED = Counter("animatrix_jobs_created", "Jobs accepted.", ["mode", "template"])
JOBS_RETRIED = Counter("animatrix_jobs_retried", "Ended jobs taken up again.", ["mode", "template"])
JOBS_ENDED = Counter(
    "animatrix_jobs_ended",
    "Jobs that are over. code: of the error; none where there is none.",
    ["mode", "template", "status", "code"],
)
JOB_SECONDS = Histogram(
    "animatrix_job_seconds",
    "From a job's acceptance to its end.",
    ["mode", "template", "status"],
    buckets=LONG_S,
)
STAGE_SECONDS = Histogram(
    "animatrix_stage_seconds",
    "How long jobs stay in a stage.",
    ["stage", "template"],
    buckets=LONG_S,
)
OLDEST_WAITING = Gauge(
    "animatrix_oldest_waiting_seconds", "How long the oldest job in line waits; 0 without one."
)
QUEUE_DEPTH = Gauge("animatrix_queue_depth", "Jobs in line for a GPU.", ["ability"])

SLOTS = Gauge("animatrix_slots", "Places that a backend offers now.", ["backend"])
SLOTS_HELD = Gauge("animatrix_slots_held", "Places that jobs have.", ["backend"])
BACKEND_UP = Gauge("animatrix_backend_up", "1 while it answers.", ["backend"])
BACKEND_STATE = Gauge("animatrix_backend_state", "1 for the state it is in.", ["backend", "state"])
BACKEND_PROMPTS = Gauge(
    "animatrix_backend_prompts", "Prompts in its line, whoever sent them.", ["backend", "phase"]
)
BUSY_SECONDS = Counter(
    "animatrix_backend_busy_seconds", "How long it was seen rendering.", ["backend"]
)
PROMPTS = Counter("animatrix_prompts", "Prompts that are over.", ["backend", "outcome"])
PROMPT_SECONDS = Histogram(
    "animatrix_prompt_seconds",
    "What a backend says a prompt took.",
    ["backend", "template"],
    buckets=LONG_S,
)

ACTIVITY_WAIT = Histogram(
    "animatrix_activity_schedule_to_start_seconds",
    "From when a try of an activity was due to its start.",
    ["activity"],
    buckets=STEP_S,
)
ACTIVITY_SECONDS = Histogram(
    "animatrix_activity_seconds",
    "How long one try of an activity took.",
    ["activity", "outcome"],
    buckets=STEP_S,
)
ACTIVITY_RETRIES = Counter(
    "animatrix_activity_retries", "Tries of an activity after its first.", ["activity"]
)

COMFY_SECONDS = Histogram(
    "animatrix_comfy_request_seconds",
    "Until a backend's answer has begun.",
    ["backend", "operation"],
    buckets=QUICK_S,
)
COMFY_ERRORS = Counter(
    "animatrix_comfy_errors",
    "Requests without an answer, or refused. kind: the status or what went wrong.",
    ["backend", "operation", "kind"],
)
S3_REQUESTS = Counter(
    "animatrix_s3_requests", "Requests to the object store.", ["operation", "status"]
)
S3_SECONDS = Histogram(
    "animatrix_s3_request_seconds",
    "Until the object store's answer has begun.",
    ["operation"],
    buckets=QUICK_S,
)
S3_BYTES = Counter("animatrix_s3_bytes", "To and from the object store.", ["direction"])
STORED_BYTES = Gauge("animatrix_stored_bytes", "What rows name in the object store.", ["kind"])
LARGEST_BYTES = Gauge("animatrix_largest_asset_bytes", "The largest upload.", ["kind"])

WEBHOOK_TRIES = Counter(
    "animatrix_webhook_tries",
    "Messages sent to webhooks. result: delivered, failed, dead.",
    ["result"],
)


def tell_build(service: str) -> None:
    BUILD.labels(service, version("animatrix"), platform.python_version()).set(1)
