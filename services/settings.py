import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    IPvAnyNetwork,
    SecretStr,
    TypeAdapter,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

# A server's URL can hold a password, which the library's own words would quote.
HTTP_URL = TypeAdapter(HttpUrl, config=ConfigDict(hide_input_in_errors=True))
PREFIX = "ANIMATRIX_"
SECRETS_DIR = "ANIMATRIX_SECRETS_DIR"
MIB = 1024 * 1024


def split_urls(text: object) -> object:
    """The parts of a comma-separated text; anything else as it is."""
    if not isinstance(text, str):
        return text
    return [part.strip().rstrip("/") for part in text.split(",") if part.strip()]


def check_urls(urls: list[str]) -> list[str]:
    for url in urls:
        HTTP_URL.validate_python(url)
    if len(set(urls)) != len(urls):
        raise ValueError("the same ComfyUI server is named twice")
    return urls


Networks = Annotated[list[IPvAnyNetwork], NoDecode, BeforeValidator(split_urls)]
ComfyUrls = Annotated[list[str], NoDecode, BeforeValidator(split_urls), AfterValidator(check_urls)]


class UploadLimits(BaseSettings):
    """How large a file may be that somebody adds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    max_image_bytes: int = Field(default=50 * MIB, gt=0)
    max_video_bytes: int = Field(default=1024 * MIB, gt=0)
    max_audio_bytes: int = Field(default=200 * MIB, gt=0)

    @property
    def largest(self) -> int:
        return max(self.max_image_bytes, self.max_video_bytes, self.max_audio_bytes)


class Settings(UploadLimits):
    """Everything that differs between two installations, from ANIMATRIX_* variables.

    Where ANIMATRIX_SECRETS_DIR names a folder, each of its files that is named like a variable
    holds that one's value; a variable that is set itself wins.

    Read by entry points only; the rest of the code takes arguments.
    temporal_tls: whether the workflow server is reached by TLS; always with one of the next three.
    temporal_ca, temporal_cert, temporal_key: PEM files: whom we trust in place of the machine's own
        authorities, and what we show of ourselves.
    temporal_api_key: for a Temporal that takes one, such as Temporal Cloud. Only ever sent by TLS.
    public_url: the ingress's origin when it is known; otherwise the one each request came in by.
    api_url: the origin of a host that serves the API alone, where there is one.
    comfy_urls: the ComfyUI servers to render on, separated by commas.
    comfy_access: a JSON file with the credentials and CA certificates of those behind an ingress.
    stall_seconds: how long a render may show no sign of life before it is taken back.
    silence_seconds: how long a backend may be silent before its work goes to another one.
    on_drift: what a job does when a part of its video looks different from how it began.
    keep_*_days: how long what nobody needs is kept, by the rules of proto/retention.py; 0: always.
    keep_records_days: how long rows stay that only tell what was: steps of ended jobs, sign-ins
        that are over, request keys; 0: always.
    retention_every_hours: 0 where only operators remove what is too old.
    metrics_port: of `/metrics`; without it there are none.
    health_port: where a worker answers /healthz and /readyz; without it nowhere.
    grace_seconds: how long a worker that is asked to stop goes on with what it has begun.
    otlp_endpoint: the collector that traces are sent to; without it there are none.
    trace_share: how many of the jobs are traced, from 0 to 1.
    temporal_ui_url: where operators find the Temporal Web UI.
    console_url: the origin of their console, for the links to it in the Temporal Web UI.
    saturation_per_gpu: so many waiting jobs for each backend that takes work are too many.
    secret_key: what short-lived cookies are signed and webhooks' secrets encrypted with; at least
        32 random characters, the same for every process.
    token_sign_in: whether people may sign a browser in by an API token.
    oidc_*: the OpenID provider that vouches for people. oidc_operators, oidc_creators: the values
        of the claim oidc_groups_claim that make one an operator, or let one in at all.
    limit_*: of each owner, by proto/limits.py, where an operator has set no others; 0: none.
    webhook_networks: private networks that webhooks may be sent to, separated by commas.
    webhook_days: how long a message is tried before it is given up.
    media_url_minutes: how long the address of a file works at least.
    payload_keys: what the workflow server keeps is encrypted with, as temporal/codec.py reads it.
    log_prompts: whether people's texts may be logged.
    worker_deployment, worker_build_id: the release that workflows stay on which begin on it;
        without a build id they go on with whatever release runs.
    """

    database_url: SecretStr
    temporal_address: str
    temporal_namespace: str = "default"
    temporal_tls: bool = False
    temporal_ca: Path | None = None
    temporal_cert: Path | None = None
    temporal_key: Path | None = None
    temporal_api_key: SecretStr | None = None
    s3_endpoint: str
    s3_region: str = "us-east-1"
    s3_bucket: str = "media"
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    public_url: str | None = None
    api_url: str | None = None
    comfy_urls: ComfyUrls = []
    comfy_access: Path | None = None
    stall_seconds: float = Field(default=900, gt=0)
    silence_seconds: float = Field(default=120, gt=0)
    on_drift: Literal["warn", "pause"] = "warn"
    keep_orphans_days: float = Field(default=2, ge=0)
    keep_transfers_days: float = Field(default=1, ge=0)
    keep_inputs_days: float = Field(default=7, ge=0)
    keep_unused_uploads_days: float = Field(default=7, ge=0)
    keep_uploads_days: float = Field(default=90, ge=0)
    keep_outputs_days: float = Field(default=0, ge=0)
    keep_parts_days: float = Field(default=14, ge=0)
    keep_records_days: float = Field(default=30, ge=0)
    retention_every_hours: float = Field(default=24, ge=0)
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, gt=0, lt=65536)
    health_host: str = "127.0.0.1"
    health_port: int | None = Field(default=None, gt=0, lt=65536)
    grace_seconds: float = Field(default=3, ge=0)
    otlp_endpoint: HttpUrl | None = None
    trace_share: float = Field(default=1.0, ge=0, le=1)
    log_prompts: bool = False
    temporal_ui_url: HttpUrl | None = None
    console_url: HttpUrl | None = None
    saturation_per_gpu: int = Field(default=5, ge=1)
    profiles: Path | None = None
    secret_key: SecretStr = Field(min_length=32)
    token_sign_in: bool = False
    oidc_issuer: HttpUrl | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "your organisation"
    oidc_groups_claim: str = "groups"
    oidc_operators: str | None = None
    oidc_creators: str | None = None
    limit_requests_per_minute: int = Field(default=1200, ge=0)
    limit_token_requests_per_minute: int = Field(default=600, ge=0)
    limit_uploads_per_day: int = Field(default=500, ge=0)
    limit_upload_bytes_per_day: int = Field(default=50 * 1024 * MIB, ge=0)
    limit_running_jobs: int = Field(default=0, ge=0)
    limit_waiting_jobs: int = Field(default=100, ge=0)
    limit_gpu_seconds_per_day: float = Field(default=0, ge=0)
    webhook_networks: Networks = []
    webhook_days: float = Field(default=3, gt=0)
    media_url_minutes: int = Field(default=60, ge=5)
    payload_keys: SecretStr | None = None
    worker_deployment: str = "animatrix"
    worker_build_id: str | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first that has a value wins."""
        folder = os.environ.get(SECRETS_DIR)
        if folder is None:
            return init_settings, env_settings
        if not Path(folder).is_dir():
            raise SettingsError(f"{SECRETS_DIR} names {folder}, which is no folder")
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder)
