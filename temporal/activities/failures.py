from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from proto.errors import ErrorCode
from services.store.objects import ObjectMissing
from temporal.queues import CHECKPOINT_LOST


def permanent(code: ErrorCode, cause: str) -> ApplicationError:
    """A failure that no retry mends. cause: for the operator, exact."""
    return ApplicationError(cause, type=code, non_retryable=True)


@contextmanager
def lost_when_missing(segment: int) -> Iterator[None]:
    """What is missing or damaged in here is a checkpoint: the segment is to be made again."""
    try:
        yield
    except ObjectMissing as error:
        cause = f"the checkpoint of segment {segment}: {error}"
        raise ApplicationError(cause, segment, type=CHECKPOINT_LOST, non_retryable=True) from error
