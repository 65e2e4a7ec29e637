import secrets
from collections.abc import Mapping, Sequence

import asyncpg
import structlog
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from temporalio.service import RPCError

from proto.errors import ErrorCode, FieldError, Problem
from services.gateway.words import field_errors
from services.store.objects import ObjectStoreUnavailable

log = structlog.get_logger()

STATUS: dict[ErrorCode, int] = {
    ErrorCode.MISSING_ASSET: 422,
    ErrorCode.INVALID_ASSET_FORMAT: 415,
    ErrorCode.UNSUPPORTED_ASPECT_RATIO: 422,
    ErrorCode.INVALID_REQUEST: 422,
    ErrorCode.EMPTY_PROMPT: 422,
    ErrorCode.WRONG_ASSET_KIND: 422,
    ErrorCode.MIX_ONLY: 422,
    ErrorCode.TOO_LONG: 422,
    ErrorCode.TOO_SHORT: 422,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.ASSET_IN_USE: 409,
    ErrorCode.IDEMPOTENCY_CONFLICT: 409,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.NOT_ALLOWED: 405,
    ErrorCode.NOT_SIGNED_IN: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.LIMIT_REACHED: 429,
    ErrorCode.NOT_CANCELLABLE: 409,
    ErrorCode.NOT_POSSIBLE_NOW: 409,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}

FIELDS_STATUS = 422

TITLES = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    408: "Took too long",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported file",
    421: "Not served here",
    422: "Can't be done as asked",
    429: "Too much for now",
    431: "Too large",
    500: "Something went wrong on our side",
    503: "Not available right now",
}

# What the stores and the workflow server raise when they are away or restarting.
DEPENDENCY_ERRORS: list[type[Exception]] = [
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
    RPCError,
    ObjectStoreUnavailable,
    BotoCoreError,
    ClientError,
]


class ApiError(Exception):
    """An answer other than success, in words for the person who asked.

    headers: of the answer, besides its own.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        field: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        # What is wrong with a request's fields is no matter of its own form.
        self.status = FIELDS_STATUS if errors else STATUS[code]
        self.message = message
        self.field = field
        self.errors = list(errors)
        self.headers = dict(headers or {})
        if self.status == STATUS[ErrorCode.UNAVAILABLE]:
            self.headers.setdefault("Retry-After", "5")

    @classmethod
    def of_fields(cls, errors: Sequence[FieldError]) -> "ApiError":
        """The first error leads; all of them are listed."""
        first = errors[0]
        return cls(first.code, first.message, field=first.field, errors=errors)


def install(app: FastAPI) -> None:
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _client_gone)
    app.add_exception_handler(asyncpg.CharacterNotInRepertoireError, _unknown_id)
    app.add_exception_handler(Exception, _unexpected_error)
    for error in DEPENDENCY_ERRORS:
        app.add_exception_handler(error, dependency_error)


def answer(error: ApiError, request: Request, *, cause: object = None) -> Response:
    """The error as the caller gets it, with a reference that finds it in the log."""
    status = error.status
    reference = secrets.token_hex(4).upper()
    problem = Problem(
        title=TITLES[status],
        status=status,
        code=error.code,
        message=error.message,
        field=error.field,
        reference=reference,
        errors=error.errors,
    )
    log.warning(
        "request refused",
        reference=reference,
        code=error.code,
        status=status,
        method=request.method,
        path=request.url.path,
        cause=repr(cause) if cause else None,
    )
    return JSONResponse(
        problem.model_dump(mode="json"),
        status_code=status,
        media_type="application/problem+json",
        headers=error.headers,
    )


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101  Starlette's handler type knows only Exception
    return answer(error, request)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return answer(ApiError.of_fields(field_errors(error.errors())), request)


UNREAD = ApiError(ErrorCode.INVALID_REQUEST, "We could not read this request.")
HTTP_ERRORS = {
    404: ApiError(ErrorCode.NOT_FOUND, "There is nothing at this address."),
    405: ApiError(ErrorCode.NOT_ALLOWED, "This address does not take this kind of request."),
}


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return answer(HTTP_ERRORS.get(error.status_code, UNREAD), request, cause=error)


async def _unknown_id(request: Request, error: Exception) -> Response:
    """An id with a character that Postgres can't keep names nothing of ours."""
    return answer(HTTP_ERRORS[404], request, cause=error)


async def _client_gone(request: Request, error: Exception) -> Response:
    """Nobody reads this answer; the log says why the request ended early."""
    return answer(UNREAD, request, cause=error)


async def dependency_error(request: Request, error: Exception) -> Response:
    message = "We can't do this right now. Nothing is lost. Try again in a moment."
    return answer(ApiError(ErrorCode.UNAVAILABLE, message), request, cause=error)


async def _unexpected_error(request: Request, error: Exception) -> Response:
    message = "Something went wrong on our side. Nothing is lost. Try again in a moment."
    return answer(ApiError(ErrorCode.INTERNAL, message), request, cause=error)
