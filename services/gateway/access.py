"""Who may ask for what: one table, and the guard before every route that holds to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from proto.errors import ErrorCode
from proto.identity import Scope as Allowed
from services.gateway.errors import DEPENDENCY_ERRORS, ApiError, answer, dependency_error
from services.gateway.hardening import drain
from services.gateway.origin import READING
from services.gateway.state import Gateway
from services.store import identity
from services.store.identity import Bearer

SAME_SITE: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True)
class Rule:
    """scope: what the caller's secret has to allow; None where being known is enough."""

    scope: Allowed | None = None
    public: bool = False


PUBLIC = Rule(public=True)
KNOWN = Rule()
JOBS_READ, JOBS_WRITE = Rule(Allowed.JOBS_READ), Rule(Allowed.JOBS_WRITE)
ASSETS_READ, ASSETS_WRITE = Rule(Allowed.ASSETS_READ), Rule(Allowed.ASSETS_WRITE)
SHARES_READ, SHARES_WRITE = Rule(Allowed.SHARES_READ), Rule(Allowed.SHARES_WRITE)
WEBHOOKS_READ, WEBHOOKS_WRITE = Rule(Allowed.WEBHOOKS_READ), Rule(Allowed.WEBHOOKS_WRITE)
TOKENS_READ, TOKENS_WRITE = Rule(Allowed.TOKENS_READ), Rule(Allowed.TOKENS_WRITE)
ADMIN_READ, ADMIN_WRITE = Rule(Allowed.ADMIN_READ), Rule(Allowed.ADMIN_WRITE)

# An owner's routes reach what is the owner's, an operator's what is anybody's.
RULES: Mapping[str, Rule] = {
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /api/openapi.json": PUBLIC,
    "GET /api/sign-in": PUBLIC,
    "POST /api/sign-in/link": PUBLIC,
    "POST /api/sign-in/token": PUBLIC,
    "GET /api/sign-in/oidc": PUBLIC,
    "GET /api/sign-in/oidc/callback": PUBLIC,
    "GET /s/{token}": PUBLIC,
    "GET /s/{token}/video.mp4": PUBLIC,
    "HEAD /s/{token}/video.mp4": PUBLIC,
    "GET /s/{token}/poster.jpg": PUBLIC,
    "HEAD /s/{token}/poster.jpg": PUBLIC,
    "GET /api/me": KNOWN,
    "POST /api/sign-out": KNOWN,
    "GET /api/studio": KNOWN,
    "GET /api/credits": KNOWN,
    "POST /api/assets/{kind}": ASSETS_WRITE,
    "GET /api/assets": ASSETS_READ,
    "GET /api/assets/{asset_id}": ASSETS_READ,
    "DELETE /api/assets/{asset_id}": ASSETS_WRITE,
    "POST /api/jobs/animate": JOBS_WRITE,
    "POST /api/jobs/audio-performance": JOBS_WRITE,
    "POST /api/jobs/animate/preview": JOBS_READ,
    "POST /api/jobs/audio-performance/preview": JOBS_READ,
    "GET /api/jobs": JOBS_READ,
    "GET /api/jobs/{job_id}": JOBS_READ,
    "DELETE /api/jobs/{job_id}": JOBS_WRITE,
    "POST /api/jobs/{job_id}/restore": JOBS_WRITE,
    "GET /api/jobs/{job_id}/events": JOBS_READ,
    "GET /api/jobs/{job_id}/outputs": JOBS_READ,
    "GET /api/jobs/{job_id}/segments": JOBS_READ,
    "GET /api/jobs/{job_id}/stream": JOBS_READ,
    "POST /api/jobs/{job_id}/cancel": JOBS_WRITE,
    "POST /api/jobs/{job_id}/keep": JOBS_WRITE,
    "POST /api/jobs/{job_id}/continue": JOBS_WRITE,
    "POST /api/jobs/{job_id}/retry": JOBS_WRITE,
    "POST /api/jobs/{job_id}/segments/{index}/again": JOBS_WRITE,
    "GET /api/events": JOBS_READ,
    "GET /api/line": JOBS_READ,
    "GET /api/jobs/{job_id}/shares": SHARES_READ,
    "POST /api/jobs/{job_id}/shares": SHARES_WRITE,
    "GET /api/shares": SHARES_READ,
    "DELETE /api/shares/{share_id}": SHARES_WRITE,
    "GET /api/webhooks": WEBHOOKS_READ,
    "POST /api/webhooks": WEBHOOKS_WRITE,
    "GET /api/webhooks/{webhook_id}": WEBHOOKS_READ,
    "PATCH /api/webhooks/{webhook_id}": WEBHOOKS_WRITE,
    "DELETE /api/webhooks/{webhook_id}": WEBHOOKS_WRITE,
    "POST /api/webhooks/{webhook_id}/secret": WEBHOOKS_WRITE,
    "POST /api/webhooks/{webhook_id}/test": WEBHOOKS_WRITE,
    "GET /api/webhooks/{webhook_id}/deliveries": WEBHOOKS_READ,
    "POST /api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": WEBHOOKS_WRITE,
    "GET /api/tokens": TOKENS_READ,
    "POST /api/tokens": TOKENS_WRITE,
    "DELETE /api/tokens/{token_id}": TOKENS_WRITE,
    "GET /api/sessions": TOKENS_READ,
    "DELETE /api/sessions/{session_id}": TOKENS_WRITE,
    "GET /api/admin/users": ADMIN_READ,
    "POST /api/admin/users": ADMIN_WRITE,
    "PATCH /api/admin/users/{owner}": ADMIN_WRITE,
    "GET /api/admin/users/{owner}/tokens": ADMIN_READ,
    "POST /api/admin/users/{owner}/tokens": ADMIN_WRITE,
    "DELETE /api/admin/tokens/{token_id}": ADMIN_WRITE,
    "GET /api/admin/users/{owner}/limits": ADMIN_READ,
    "PUT /api/admin/users/{owner}/limits": ADMIN_WRITE,
    "GET /api/admin/users/{owner}/credits": ADMIN_READ,
    "GET /api/admin/shares": ADMIN_READ,
    "DELETE /api/admin/shares/{share_id}": ADMIN_WRITE,
    "GET /api/admin/webhooks": ADMIN_READ,
    "GET /api/admin/webhooks/{webhook_id}/deliveries": ADMIN_READ,
    "POST /api/admin/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": ADMIN_WRITE,
    "GET /api/admin/audit/export": ADMIN_READ,
    "GET /api/admin/audit": ADMIN_READ,
    "GET /api/admin/backends": ADMIN_READ,
    "POST /api/admin/backends": ADMIN_WRITE,
    "POST /api/admin/backends/{name}/cordon": ADMIN_WRITE,
    "POST /api/admin/backends/{name}/drain": ADMIN_WRITE,
    "POST /api/admin/backends/{name}/remove": ADMIN_WRITE,
    "POST /api/admin/backends/{name}/uncordon": ADMIN_WRITE,
    "GET /api/admin/health": ADMIN_READ,
    "GET /api/admin/jobs": ADMIN_READ,
    "GET /api/admin/jobs/{job_id}": ADMIN_READ,
    "POST /api/admin/jobs/{job_id}/cancel": ADMIN_WRITE,
    "POST /api/admin/jobs/{job_id}/priority": ADMIN_WRITE,
    "POST /api/admin/jobs/{job_id}/replay": ADMIN_WRITE,
    "GET /api/admin/jobs/{left}/diff/{right}": ADMIN_READ,
    "GET /api/admin/queue": ADMIN_READ,
    "POST /api/admin/retention/dry-run": ADMIN_WRITE,
    "POST /api/admin/retention/run": ADMIN_WRITE,
    "POST /api/admin/retry/{job_id}": ADMIN_WRITE,
    "GET /api/admin/storage": ADMIN_READ,
    "GET /api/admin/workflows": ADMIN_READ,
    "POST /api/admin/workflows/{family}/{variant}/activate": ADMIN_WRITE,
    "POST /api/admin/workflows/{family}/{variant}/roll-back": ADMIN_WRITE,
}


class Guard:
    """ASGI middleware. What no rule names does not exist; what one names asks for its scope.

    It puts the caller's Bearer into the request's state as `bearer`, None where there is none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            await _admit(request)
        except ApiError as refusal:
            await drain(receive)
            await answer(refusal, request)(scope, receive, send)
        except tuple(DEPENDENCY_ERRORS) as error:
            response = await dependency_error(request, error)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _admit(request: Request) -> None:
    """Raises ApiError where the request may not go on."""
    rules = _rules_at(request.url.path)
    if not rules:
        raise ApiError(ErrorCode.NOT_FOUND, "There is nothing at this address.")
    rule = rules.get(request.method)
    if rule is None:
        message = "This address does not take this kind of request."
        allow = ", ".join(sorted(rules))
        raise ApiError(ErrorCode.NOT_ALLOWED, message, headers={"Allow": allow})
    bearer, ended = await _bearer(request)
    request.state.bearer = bearer
    if rule.public:
        return
    if bearer is None:
        raise _not_signed_in(ended=ended)
    if rule.scope is not None and rule.scope not in bearer.scopes:
        raise ApiError(ErrorCode.FORBIDDEN, "You are not allowed to do this.")
    gateway: Gateway = request.app.state.gateway
    await gateway.rates.take(bearer)


def _not_signed_in(*, ended: bool) -> ApiError:
    if ended:
        words = "Your sign-in has ended. Sign in again; nothing is lost."
        challenge = 'Bearer error="invalid_token"'
    else:
        words, challenge = "Sign in first. Nothing is lost.", "Bearer"
    headers = {"WWW-Authenticate": challenge}
    return ApiError(ErrorCode.NOT_SIGNED_IN, words, headers=headers)


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Rule]]]:
    """Of each path in the table, with its rules by method; fixed paths before those with ids."""
    by_path: dict[str, dict[str, Rule]] = {}
    for named, rule in RULES.items():
        method, path = named.split()
        by_path.setdefault(path, {})[method] = rule
    ordered = sorted(by_path.items(), key=lambda item: item[0].count("{"))
    return [(compile_path(path)[0], rules) for path, rules in ordered]


def _rules_at(path: str) -> dict[str, Rule]:
    """By method. A path that several templates fit has the rules of all; the more exact win."""
    found: dict[str, Rule] = {}
    for pattern, rules in _patterns():
        if pattern.match(path):
            found = rules | found
    return found


async def _bearer(request: Request) -> tuple[Bearer | None, bool]:
    """Who asks, and whether a secret was shown that is worth nothing."""
    token = _token(request)
    cookie = request.cookies.get(cookie_name(request))
    secret = token or cookie
    if secret is None:
        return None, False
    gateway: Gateway = request.app.state.gateway
    find = identity.find_by_token if token else identity.find_by_session
    async with gateway.pool.acquire() as connection:
        bearer = await find(connection, secret)
    if bearer is not None and token is None:
        refuse_foreign(request)
    return bearer, bearer is None


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def refuse_foreign(request: Request) -> None:
    """A browser sends its cookie whoever has made it ask, so a change has to come from our page."""
    if request.method in READING:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    elsewhere = origin is not None and origin.partition("://")[2] != request.headers.get("host")
    if elsewhere or (site is not None and site not in SAME_SITE):
        raise ApiError(ErrorCode.FORBIDDEN, "This request came from another site.")


def cookie_name(request: Request) -> str:
    """Over https the browser itself holds the cookie to this host and to https."""
    return "__Host-animatrix" if request.url.scheme == "https" else "animatrix"
