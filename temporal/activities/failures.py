from temporalio.exceptions import ApplicationError

from proto.errors import ErrorCode


def permanent(code: ErrorCode, cause: str) -> ApplicationError:
    """A failure that no retry mends. cause: for the operator, exact."""
    return ApplicationError(cause, type=code, non_retryable=True)
