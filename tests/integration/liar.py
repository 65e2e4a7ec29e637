"""An OpenID provider that says whatever it is told to."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.local.layout import HOST
from tests.integration.doorway import free_port
from tests.studio import eventually

KEYS = {name: RSAKey.generate_key(2048, {"kid": "1"}) for name in ("own", "forged")}


@dataclass
class Liar:
    """key: that signs, by its name; None for no signature. claims: instead of the true ones."""

    url: str
    nonce: str = ""
    challenge: str = ""
    key: str | None = "own"
    claims: dict[str, Any] = field(default_factory=dict)

    def id_token(self) -> str:
        now = int(time.time())
        true = {"iss": self.url, "sub": "ada", "aud": "animatrix", "iat": now, "exp": now + 60}
        claims = true | {"nonce": self.nonce, "email": "ada@example.com"} | self.claims
        if self.key is not None:
            return jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEYS[self.key])
        return f"{_part({'alg': 'none'})}.{_part(claims)}."

    def app(self) -> Starlette:
        async def discovery(_: Request) -> JSONResponse:
            return JSONResponse(
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    "id_token_signing_alg_values_supported": ["none", "RS256", "HS256"],
                }
            )

        async def keys(_: Request) -> JSONResponse:
            return JSONResponse({"keys": [KEYS["own"].as_dict(private=False)]})

        async def token(request: Request) -> JSONResponse:
            form = parse_qs((await request.body()).decode())
            if create_s256_code_challenge(form["code_verifier"][0]) != self.challenge:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"access_token": "a", "id_token": self.id_token()})

        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", discovery),
                Route("/keys", keys),
                Route("/token", token, methods=["POST"]),
            ]
        )


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@asynccontextmanager
async def lying() -> AsyncIterator[Liar]:
    port = free_port()
    liar = Liar(f"http://{HOST}:{port}")
    config = uvicorn.Config(liar.app(), host=HOST, port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    yield liar
    server.should_exit = True
    await serving
