"""Sign-in by the OpenID provider that vouches for people."""

import hmac
import re
from dataclasses import dataclass
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import ValidationError

from proto.identity import SignInMethod, SignInProblem
from services.gateway.people import Person, welcome
from services.gateway.provider import Flow, NotVouched, Provider, new_flow
from services.gateway.sign_in import (
    Attempt,
    AttemptDep,
    Proven,
    begin_session,
    has_failed_often,
    note_refusal,
)

log = structlog.get_logger()
router = APIRouter(tags=["identity"])

COOKIE: Final = "animatrix-oidc"
PATH: Final = "/api/sign-in/oidc"
AWAY_FOR_S: Final = 600
"""How long somebody may take to sign in at the provider."""
# Browsers read a second slash or a backslash as the begin of another host, and skip control
# characters on the way there.
LOCAL_PATH: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,1000}")

WORDS: Final = {
    SignInProblem.OFF: "no provider is set up",
    SignInProblem.UNAVAILABLE: "the provider did not answer",
    SignInProblem.CANCELLED: "the person or the provider said no",
    SignInProblem.EXPIRED: "it took too long, or began in another browser",
    SignInProblem.REFUSED: "what the provider said can't be trusted",
    SignInProblem.NOT_ALLOWED: "the person is in no group that may come in",
    SignInProblem.CLOSED: "the account is closed",
}


class NoFlow(NotVouched):
    problem = SignInProblem.EXPIRED


class SaidNo(NotVouched):
    problem = SignInProblem.CANCELLED


class NoProvider(NotVouched):
    problem = SignInProblem.OFF


@dataclass(frozen=True)
class Returned:
    """What the provider sends the browser back with."""

    code: str | None = None
    state: str | None = None
    error: str | None = None


@router.get(PATH, status_code=302, response_class=RedirectResponse)
async def sign_in_by_provider(attempt: AttemptDep, next: str = "/") -> RedirectResponse:  # noqa: A002
    """Send the browser to the provider; from there it comes back to the path `next`."""
    flow = new_flow(_redirect_uri(attempt), local_path(next))
    try:
        there = await _provider(attempt).way_there(flow)
    except NotVouched as error:
        return await _refuse(attempt, error)
    response = RedirectResponse(there, status_code=302)
    response.set_cookie(
        COOKIE,
        _signer(attempt).dumps(flow.model_dump()),
        max_age=AWAY_FOR_S,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=attempt.request.url.scheme == "https",
    )
    return response


@router.get(f"{PATH}/callback", status_code=302, response_class=RedirectResponse)
async def come_back(
    attempt: AttemptDep, returned: Annotated[Returned, Depends()]
) -> RedirectResponse:
    """Where the provider sends the browser back to."""
    try:
        flow = _flow(attempt, returned.state)
        if returned.code is None:
            raise SaidNo((returned.error or "no code")[:100])
        claims = await _provider(attempt).claims_of(flow, returned.code)
    except NotVouched as error:
        response = await _refuse(attempt, error)
    else:
        person = Person.from_claims(claims, attempt.gateway.settings.oidc_groups_claim)
        response = await _let_in(attempt, person, flow.next)
    # A second try with the same state finds nothing to compare it with.
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
    return response


def local_path(wanted: str) -> str:
    """The path, where it can lead nowhere but to our own pages; otherwise the first page."""
    return wanted if LOCAL_PATH.fullmatch(wanted) else "/"


async def _let_in(attempt: Attempt, person: Person, path: str) -> RedirectResponse:
    response = RedirectResponse(path, status_code=302)
    settings = attempt.gateway.settings
    async with attempt.gateway.pool.acquire() as connection, connection.transaction():
        found = await welcome(connection, settings, person, attempt.address)
        if found.problem is None:
            await begin_session(
                connection, attempt, response, Proven(found.owner), SignInMethod.OIDC
            )
            return response
        why, who = WORDS[found.problem], found.owner
        await note_refusal(connection, attempt, SignInMethod.OIDC, why, who)
    return _to_sign_in(found.problem)


async def _refuse(attempt: Attempt, error: NotVouched) -> RedirectResponse:
    log.warning("sign-in refused", problem=error.problem, cause=str(error))
    async with attempt.gateway.pool.acquire() as connection, connection.transaction():
        if await has_failed_often(connection, attempt.address):
            return _to_sign_in(SignInProblem.TOO_MANY)
        await note_refusal(connection, attempt, SignInMethod.OIDC, WORDS[error.problem])
    return _to_sign_in(error.problem)


def _to_sign_in(problem: SignInProblem) -> RedirectResponse:
    return RedirectResponse(f"/sign-in?problem={problem}", status_code=302)


def _flow(attempt: Attempt, state: str | None) -> Flow:
    """What this browser was sent away with. Raises NoFlow."""
    cookie = attempt.request.cookies.get(COOKIE, "")
    try:
        flow = Flow.model_validate(_signer(attempt).loads(cookie, max_age=AWAY_FOR_S))
    except (BadData, ValidationError) as error:
        raise NoFlow("no cookie of ours") from error
    if not hmac.compare_digest(flow.state.encode(), (state or "").encode()):
        raise NoFlow("another state")
    return flow


def _signer(attempt: Attempt) -> URLSafeTimedSerializer:
    secret = attempt.gateway.settings.secret_key.get_secret_value()
    return URLSafeTimedSerializer(secret, salt="sign-in by a provider")


def _provider(attempt: Attempt) -> Provider:
    provider = Provider.from_settings(attempt.gateway.settings)
    if provider is None:
        raise NoProvider
    return provider


def _redirect_uri(attempt: Attempt) -> str:
    origin = attempt.gateway.settings.public_url or str(attempt.request.base_url)
    return f"{origin.rstrip('/')}{PATH}/callback"
