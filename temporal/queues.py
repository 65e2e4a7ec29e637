"""Every task queue, timeout and retry policy, in one table."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from temporalio.common import RetryPolicy, SearchAttributeKey

from proto.asset import (
    Examined,
    ExaminedAsset,
    ExamineRequest,
    IngestedAsset,
    IngestRequest,
    Inspection,
)
from proto.errors import ErrorCode
from proto.job import Deletion
from proto.model import Model
from proto.plan import PlanRef
from proto.render import (
    CancelOutcome,
    Checkpoint,
    CollectRequest,
    Finished,
    FinishRequest,
    HoldRequest,
    InLine,
    InputsRef,
    JobRef,
    JoinLine,
    JoinRequest,
    LostCheckpoint,
    PlanRequest,
    PromptOutcome,
    PromptRef,
    Record,
    Resumed,
    ResumeRequest,
    Submission,
    Submitted,
    Turn,
    TurnRequest,
    UploadedInputs,
    UploadRequest,
    Watch,
)
from proto.retention import (
    BeginRequest,
    Begun,
    RetentionReport,
    RunRef,
    SweepRequest,
    Swept,
)
from proto.webhook import DeliveryStep, WebhookRef


class TaskQueue(StrEnum):
    WORKFLOWS = "workflows"
    UPLOADS = "uploads"
    MEDIA = "media"
    COMFY = "comfy"
    GPU = "gpu"
    WEBHOOKS = "webhooks"


def line_of(ability: str) -> str:
    """The task queue for what only some backends can render."""
    return f"{TaskQueue.GPU}/{ability}"


RENDER_JOB = "RenderJob"
INGEST_ASSET = "IngestAsset"
WITHDRAW_PROMPT = "WithdrawPrompt"
DELETE_JOB = "DeleteJob"
RETENTION = "Retention"
DELIVER_WEBHOOKS = "DeliverWebhooks"
VERDICT = "verdict"
"""The update that waits for what an upload's inspection gave."""

SLOT_GRANTED = "slot_granted"

UNREACHABLE = "unreachable"
"""What a submission says that was given up because its backend was silent for too long."""

CHECKPOINT_LOST = "checkpoint_lost"
"""The failure type of a step that finds a checkpoint's file missing or damaged; the segment is its
detail."""

UNABLE = "unable"
"""The failure type of a hold that reached a backend which can't render the job."""

KEEP = "keep"
"""The signal to end after the segment that renders."""

CONTINUE = "continue"
"""The signal to go on after a decision was asked for."""

PRIORITY = "priority"
"""The signal that the job is to have another place in the line."""

RESTORED = "restored"
"""The signal that a deletion was taken back."""

WEBHOOK_WOKEN = "webhook_woken"
"""The signal that a webhook has something new to tell, or may try at once."""

STATUS_SHOWN = "status_shown"
"""The patch since which a job's search attributes tell its status, and that it is rendered."""

CONSOLE = "console"
"""The memo that says where the operators' console is."""

JOB_ID = SearchAttributeKey.for_keyword("JobId")
JOB_OWNER = SearchAttributeKey.for_keyword("JobOwner")
JOB_MODE = SearchAttributeKey.for_keyword("JobMode")
TEMPLATE_VERSION = SearchAttributeKey.for_keyword("TemplateVersion")
JOB_STAGE = SearchAttributeKey.for_keyword("JobStage")
JOB_STATUS = SearchAttributeKey.for_keyword("JobStatus")
JOB_SEGMENT = SearchAttributeKey.for_keyword("JobSegment")
PROMPT_IDS = SearchAttributeKey.for_keyword_list("PromptIds")
SEARCH_ATTRIBUTES: list[SearchAttributeKey[Any]] = [
    JOB_ID,
    JOB_OWNER,
    JOB_MODE,
    TEMPLATE_VERSION,
    JOB_STAGE,
    JOB_STATUS,
    JOB_SEGMENT,
    PROMPT_IDS,
]

Input = TypeVar("Input", bound=Model)
Result = TypeVar("Result", bound=Model | None)


@dataclass(frozen=True)
class Step(Generic[Input, Result]):
    """How an activity is called. start_to_close None: the call says how long the work may take."""

    name: str
    queue: TaskQueue
    input: type[Input]
    result: type[Result]
    retry: RetryPolicy
    start_to_close: timedelta | None
    heartbeat: timedelta | None = None


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


PERMANENT = [code.value for code in ErrorCode]
"""Failure types that no retry mends: every error we name for a user."""

# Stores and backends come back. What can never succeed says so itself.
FOR_EVER = RetryPolicy(
    initial_interval=_s(0.5),
    maximum_interval=_s(15),
    non_retryable_error_types=PERMANENT,
)
ONCE_MORE = RetryPolicy(
    initial_interval=_s(0.2), maximum_attempts=2, non_retryable_error_types=PERMANENT
)
NONE = type(None)

# What a worker did that died is taken up again once it is ten seconds overdue.

# Somebody looks at the page while it runs, so it waits for no film that is being decoded.
INSPECT_UPLOAD = Step(
    "inspect_upload", TaskQueue.UPLOADS, IngestRequest, Inspection, FOR_EVER, _s(120), _s(10)
)
EXAMINE_UPLOAD = Step(
    "examine_upload", TaskQueue.MEDIA, ExamineRequest, Examined, FOR_EVER, _s(900), _s(10)
)
RECORD_ASSET = Step("record_asset", TaskQueue.WORKFLOWS, IngestedAsset, NONE, FOR_EVER, _s(15))
RECORD_EXAMINED = Step(
    "record_examined", TaskQueue.WORKFLOWS, ExaminedAsset, NONE, FOR_EVER, _s(15)
)
DISCARD_UPLOAD = Step("discard_upload", TaskQueue.WORKFLOWS, IngestRequest, NONE, FOR_EVER, _s(15))

NORMALISE_INPUTS = Step(
    "normalise_inputs", TaskQueue.MEDIA, JobRef, InputsRef, FOR_EVER, _s(1800), _s(10)
)
PLAN_SEGMENTS = Step(
    "plan_segments", TaskQueue.WORKFLOWS, PlanRequest, PlanRef, FOR_EVER, _s(30), _s(10)
)
RESUME = Step("resume", TaskQueue.WORKFLOWS, ResumeRequest, Resumed, FOR_EVER, _s(30), _s(10))
LOSE_CHECKPOINT = Step(
    "lose_checkpoint", TaskQueue.WORKFLOWS, LostCheckpoint, NONE, FOR_EVER, _s(10)
)
CHECK_TURN = Step("check_turn", TaskQueue.WORKFLOWS, TurnRequest, Turn, FOR_EVER, _s(10))
JOIN_LINE = Step("join_line", TaskQueue.WORKFLOWS, JoinLine, InLine, FOR_EVER, _s(10))
# Heartbeats are what tells a holder that its slot was let go, so they are fast.
HOLD_SLOT = Step("hold_slot", TaskQueue.GPU, HoldRequest, NONE, FOR_EVER, _s(7 * 86400), _s(10))
UPLOAD_INPUTS = Step(
    "upload_inputs", TaskQueue.COMFY, UploadRequest, UploadedInputs, FOR_EVER, _s(600), _s(10)
)
# Longer than the HTTP time-out of its one POST; two tries at once do no harm.
ENSURE_SUBMITTED = Step(
    "ensure_submitted", TaskQueue.COMFY, Submission, Submitted, FOR_EVER, _s(60), _s(10)
)
AWAIT_DONE = Step("await_done", TaskQueue.COMFY, Watch, PromptOutcome, FOR_EVER, None, _s(10))
COLLECT = Step("collect", TaskQueue.COMFY, CollectRequest, Checkpoint, FOR_EVER, _s(900), _s(10))
CANCEL_PROMPT = Step(
    "cancel_prompt", TaskQueue.COMFY, PromptRef, CancelOutcome, ONCE_MORE, _s(30), _s(10)
)
WITHDRAW = Step(
    "cancel_prompt", TaskQueue.COMFY, PromptRef, CancelOutcome, FOR_EVER, _s(3600), _s(15)
)
"""The same, for a prompt that nobody waits for any more."""
GROW = Step("grow", TaskQueue.MEDIA, JoinRequest, NONE, FOR_EVER, _s(900), _s(10))
FINISH = Step("finish", TaskQueue.MEDIA, FinishRequest, Finished, FOR_EVER, _s(900), _s(10))
RECORD = Step("record", TaskQueue.WORKFLOWS, Record, NONE, FOR_EVER, _s(10))
PURGE_JOB = Step("purge_job", TaskQueue.WORKFLOWS, Deletion, NONE, FOR_EVER, _s(600), _s(10))
BEGIN_RETENTION = Step(
    "begin_retention", TaskQueue.WORKFLOWS, BeginRequest, Begun, FOR_EVER, _s(15)
)
SWEEP_RETENTION = Step(
    "sweep_retention", TaskQueue.WORKFLOWS, SweepRequest, Swept, FOR_EVER, _s(600), _s(10)
)
END_RETENTION = Step(
    "end_retention", TaskQueue.WORKFLOWS, RunRef, RetentionReport, FOR_EVER, _s(3600), _s(10)
)

# One message after the other, so the next one waits as long as this one is tried.
DELIVER_WEBHOOK = Step(
    "deliver_webhook", TaskQueue.WEBHOOKS, WebhookRef, DeliveryStep, FOR_EVER, _s(60), _s(10)
)
_MINUTE_S, _HOUR_S = 60.0, 3600.0
WEBHOOK_BACKOFF_S = (
    *(5.0, 30.0, 2 * _MINUTE_S, 10 * _MINUTE_S, 30 * _MINUTE_S),
    *(1 * _HOUR_S, 2 * _HOUR_S, 4 * _HOUR_S, 8 * _HOUR_S, 12 * _HOUR_S, 20 * _HOUR_S, 24 * _HOUR_S),
)
"""How long a message waits after its first failed try, its second …: three days in all."""
