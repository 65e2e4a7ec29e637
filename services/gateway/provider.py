"""What an OpenID provider says of a person: authorization code, PKCE, nonce, signed id token.

NotVouched
├── ProviderAway   try again later
└── NotTrusted     what came can't be relied on
"""

import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import ValidationError

from proto.identity import SignInProblem
from proto.model import Model
from services.settings import Settings

DISCOVERY: Final = ".well-known/openid-configuration"
TIMEOUT_S: Final = 10.0
CLOCK_SKEW_S: Final = 30
SIGNATURES: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""By keys that only the provider has. It may offer `none`, which proves nothing."""
SERVER_ERROR: Final = 500

Claims = dict[str, Any]


class NotVouched(Exception):
    problem: SignInProblem


class ProviderAway(NotVouched):
    problem = SignInProblem.UNAVAILABLE


class NotTrusted(NotVouched):
    problem = SignInProblem.REFUSED


class Flow(Model):
    """What a browser was sent away with. next: the page it wants to come to."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str


def new_flow(redirect_uri: str, next_: str) -> Flow:
    return Flow(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=redirect_uri,
        next=next_,
    )


class Metadata(Model):
    """What a provider tells of itself, by OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    scopes_supported: list[str] = []
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    id_token_signing_alg_values_supported: list[str] = ["RS256"]


class Tokens(Model):
    id_token: str
    access_token: str


@dataclass(frozen=True)
class Provider:
    """groups_claim: what tells a person's groups."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    groups_claim: str

    @classmethod
    def from_settings(cls, settings: Settings) -> "Provider | None":
        if settings.oidc_issuer is None:
            return None
        secret = settings.oidc_client_secret
        return cls(
            issuer=str(settings.oidc_issuer).rstrip("/"),
            client_id=settings.oidc_client_id or "animatrix",
            client_secret=None if secret is None else secret.get_secret_value(),
            groups_claim=settings.oidc_groups_claim,
        )

    async def way_there(self, flow: Flow) -> str:
        """Where the browser goes to sign in."""
        async with _client() as http:
            metadata = await self._metadata(http)
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": flow.redirect_uri,
            "scope": self._scope(metadata),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": create_s256_code_challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(metadata.authorization_endpoint).copy_merge_params(query))

    async def claims_of(self, flow: Flow, code: str) -> Claims:
        """What the provider vouches for. The issuer is in it as it is configured."""
        async with _client() as http:
            metadata = await self._metadata(http)
            tokens = await self._redeem(http, metadata, flow, code)
            keys = await _fetch(http, metadata.jwks_uri)
            claims = self._verified(metadata, tokens, flow.nonce, keys)
            if metadata.userinfo_endpoint and not {self.groups_claim, "email"} <= claims.keys():
                more = await _fetch(http, metadata.userinfo_endpoint, tokens.access_token)
                if more.get("sub") != claims["sub"]:
                    raise NotTrusted("the user info is of somebody else")
                claims = more | claims
        return claims

    def _scope(self, metadata: Metadata) -> str:
        extra = {self.groups_claim} & {*metadata.scopes_supported}
        return " ".join(["openid", "profile", "email", *extra])

    async def _metadata(self, http: httpx.AsyncClient) -> Metadata:
        said = await _fetch(http, f"{self.issuer}/{DISCOVERY}")
        try:
            metadata = Metadata.model_validate(said)
        except ValidationError as error:
            raise ProviderAway("what the provider tells of itself is incomplete") from error
        if metadata.issuer.rstrip("/") != self.issuer:
            raise NotTrusted("the provider says it is another one")
        return metadata

    async def _redeem(
        self, http: httpx.AsyncClient, metadata: Metadata, flow: Flow, code: str
    ) -> Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.redirect_uri,
            "code_verifier": flow.verifier,
        }
        auth, proof = self._credentials(metadata)
        request = http.build_request("POST", metadata.token_endpoint, data=form | proof)
        said = await _answer(http, request, auth)
        try:
            return Tokens.model_validate(said)
        except ValidationError as error:
            raise NotTrusted("the provider's answer holds no id token") from error

    def _credentials(self, metadata: Metadata) -> tuple[httpx.Auth | None, dict[str, str]]:
        """For the request's header, and for its form."""
        if self.client_secret is None:
            return None, {"client_id": self.client_id}
        methods = metadata.token_endpoint_auth_methods_supported
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            return None, {"client_id": self.client_id, "client_secret": self.client_secret}
        # Encoded first, by RFC 6749, section 2.3.1.
        return httpx.BasicAuth(quote(self.client_id, ""), quote(self.client_secret, "")), {}

    def _verified(self, metadata: Metadata, tokens: Tokens, nonce: str, keys: Claims) -> Claims:
        allowed = SIGNATURES & {*metadata.id_token_signing_alg_values_supported}
        # Some providers put headers of their own into the token.
        registry = JWSRegistry(algorithms=sorted(allowed), strict_check_header=False)
        try:
            token = jwt.decode(
                tokens.id_token, KeySet.import_key_set({"keys": keys["keys"]}), registry=registry
            )
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": metadata.issuer},
                    "aud": {"essential": True, "value": self.client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self.client_id,
                    "access_token": tokens.access_token,
                },
            )
            claims.validate(leeway=CLOCK_SKEW_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotTrusted(f"the id token: {type(error).__name__}") from error
        return dict(claims)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_S, headers={"Accept": "application/json"})


async def _fetch(http: httpx.AsyncClient, url: str, token: str | None = None) -> Claims:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        request = http.build_request("GET", url, headers=headers)
    except httpx.InvalidURL as error:
        raise ProviderAway("the provider names an address that is none") from error
    return await _answer(http, request, None)


async def _answer(
    http: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth | None
) -> Claims:
    """The JSON object that the provider answers with."""
    try:
        answer = await http.send(request, auth=auth)
        said = answer.json() if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderAway(f"{request.url.path}: {type(error).__name__}") from error
    if isinstance(said, dict):
        return said
    refused = request.method == "POST" and answer.status_code < SERVER_ERROR
    fault = NotTrusted if refused else ProviderAway
    raise fault(f"{request.url.path} answered {answer.status_code}")
