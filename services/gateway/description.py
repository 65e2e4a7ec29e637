"""What the API says of itself beyond its routes: who may ask, what can go wrong, examples."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.gateway.access import RULES, Rule
from services.gateway.errors import TITLES
from services.gateway.examples import EXAMPLES, PARAMETERS, Example
from services.gateway.origin import READING

Json = dict[str, Any]

PROBLEM: Final[Json] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
SCHEMES: Final[Json] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token: `Authorization: Bearer …`. It may do what its scopes say.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "animatrix",
        "description": "A browser's sign-in. Over https it is called `__Host-animatrix`.",
    },
}
TAGS: Final = {
    "assets": "Pictures, clips and sounds that videos are made from.",
    "jobs": "Videos: asked for, looked at, changed, stopped.",
    "events": "What happens to the caller's videos, as it happens.",
    "studio": "What the studio itself is.",
    "shares": "Links by which a video is seen without signing in.",
    "webhooks": "Signed messages to other services about the caller's videos.",
    "identity": "Who asks: sign-in, tokens and sessions.",
    "limits": "How much an owner may do, and has done.",
    "health": "Whether the process and what it needs answer.",
    "admin": "What operators see and do.",
}
BESIDES: Final[Mapping[str, frozenset[int]]] = {
    name: frozenset(statuses)
    for statuses, names in {
        (409,): (
            "DELETE /api/assets/{asset_id}",
            "POST /api/jobs/animate",
            "POST /api/jobs/audio-performance",
            "DELETE /api/jobs/{job_id}",
            "POST /api/jobs/{job_id}/cancel",
            "POST /api/jobs/{job_id}/keep",
            "POST /api/jobs/{job_id}/continue",
            "POST /api/jobs/{job_id}/segments/{index}/again",
            "POST /api/jobs/{job_id}/shares",
            "POST /api/webhooks",
            "POST /api/admin/users",
            "PATCH /api/admin/users/{owner}",
            "POST /api/admin/users/{owner}/tokens",
            "POST /api/admin/backends/{name}/cordon",
            "POST /api/admin/backends/{name}/drain",
            "POST /api/admin/backends/{name}/uncordon",
            "POST /api/admin/backends/{name}/remove",
            "POST /api/admin/jobs/{job_id}/cancel",
            "POST /api/admin/jobs/{job_id}/priority",
            "POST /api/admin/jobs/{job_id}/replay",
            "POST /api/admin/retry/{job_id}",
            "POST /api/admin/retention/run",
            "POST /api/admin/workflows/{family}/{variant}/activate",
            "POST /api/admin/workflows/{family}/{variant}/roll-back",
        ),
        # A file that the video was made from may be gone.
        (409, 422): ("POST /api/jobs/{job_id}/retry",),
        (415,): ("POST /api/assets/{kind}",),
    }.items()
    for name in names
}
"""What an operation can answer that its form doesn't show."""
UNLIMITED: Final = frozenset(
    {"GET /api/sign-in", "GET /api/sign-in/oidc", "GET /api/sign-in/oidc/callback"}
)
"""Who only reads how to sign in, or is sent on."""
CHALLENGE: Final[Json] = {
    "WWW-Authenticate": {"description": "How to show who asks.", "schema": {"type": "string"}}
}
RETRY: Final[Json] = {
    "Retry-After": {
        "description": "Seconds after which it is worth trying again.",
        "schema": {"type": "integer", "minimum": 0},
    }
}
ALLOW: Final[Json] = {
    "Allow": {"description": "What this address takes.", "schema": {"type": "string"}}
}
HEADERS: Final[Mapping[int, Json]] = {401: CHALLENGE, 405: ALLOW, 429: RETRY, 503: RETRY}
PLACE: Final[Json] = {
    "Location": {"description": "Where it is for now.", "schema": {"type": "string"}}
}
TRACE: Final[Json] = {
    "traceresponse": {
        "description": "The trace of the job, as W3C Trace Context writes it.",
        "schema": {"type": "string"},
    }
}


class Api(FastAPI):
    """The application, which tells all that each of its operations can answer."""

    def openapi(self) -> Json:
        if self.openapi_schema is None:
            self.openapi_schema = _completed(super().openapi())
        return self.openapi_schema


def operation_id(route: APIRoute) -> str:
    """The name of the function: unique among operators' operations, and among all others."""
    return f"admin_{route.name}" if "admin" in route.tags else route.name


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Each by its method and path, as in the table of who may ask for what."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _completed(document: Json) -> Json:
    for name, operation in operations(document):
        _complete(name, operation)
        _show(operation, EXAMPLES.get(operation["operationId"]))
    document["servers"] = [{"url": "/", "description": "Where this document came from."}]
    document["tags"] = [{"name": name, "description": said} for name, said in TAGS.items()]
    document["components"]["securitySchemes"] = SCHEMES
    return document


def _complete(name: str, operation: Json) -> None:
    rule = RULES.get(name)
    if rule is None:
        return
    scope = [rule.scope] if rule.scope else []
    operation["security"] = [] if rule.public else [{scheme: scope} for scheme in SCHEMES]
    if rule.scope:
        operation["x-scope"] = rule.scope
    answers = {
        status: answer for status, answer in operation["responses"].items() if status.isdecimal()
    }
    for status in sorted(_refusals(name, rule, operation)):
        answers.setdefault(str(status), _refusal(status))
    if "{job_id}" in name or "POST /api/jobs/" in name:
        for done in answers.keys() & {"200", "201", "202"}:
            answers[done]["headers"] = TRACE
    for elsewhere in answers.keys() & {"302", "307"}:
        answers[elsewhere]["headers"] = PLACE
    operation["responses"] = answers


def _refusal(status: int) -> Json:
    answer: Json = {"description": TITLES[status], "content": PROBLEM}
    return answer | ({"headers": HEADERS[status]} if status in HEADERS else {})


def _refusals(name: str, rule: Rule, operation: Json) -> set[int]:
    """The statuses by which the operation can say no."""
    method, path = name.split()
    found = {421, 431, 503} | BESIDES.get(name, frozenset())
    if path == "/healthz":
        found = {431}
    if not rule.public:
        found.add(401)
    if rule.scope or method not in READING:
        found.add(403)
    if "{" in path:
        # An id with a slash in it is another address.
        found |= {404, 405}
    if method not in READING:
        found |= {408, 413}
    if operation.get("requestBody") or any(map(_can_be_wrong, operation.get("parameters", ()))):
        found.add(422)
    if path.startswith("/api/") and name not in UNLIMITED:
        found.add(429)
    return found


def _can_be_wrong(parameter: Json) -> bool:
    """Any text is an id, if of nothing, unless the route says what it looks like."""
    is_text: bool = parameter["schema"].get("type") == "string"
    is_limited = bool(parameter["schema"].keys() - {"type", "title"})
    return parameter["in"] != "path" or not is_text or is_limited


def _show(operation: Json, example: Example | None) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in PARAMETERS:
            parameter["example"] = PARAMETERS[parameter["name"]]
    if example is None:
        return
    if example.request is not None:
        content = operation["requestBody"]["content"]["application/json"]
        content["examples"] = {example.name: {"summary": example.summary, "value": example.request}}
    content = operation["responses"][str(example.status)]["content"]["application/json"]
    content["examples"] = {example.name: {"summary": example.summary, "value": example.answer}}
