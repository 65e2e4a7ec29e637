"""How backends are named, and let us in."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from proto.backend import backend_id
from services.settings import Settings
from temporal.activities.backends import access_of, configured


def settings(urls: str, access: Path | None = None) -> Settings:
    return Settings(
        database_url=SecretStr("postgresql://nowhere"),
        temporal_address="nowhere:1",
        s3_endpoint="http://nowhere",
        s3_access_key=SecretStr("key"),
        s3_secret_key=SecretStr("secret"),
        secret_key=SecretStr("k" * 32),
        comfy_urls=urls,
        comfy_access=access,
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://gpu-1.example", "gpu-1.example"),
        ("https://gpu-1.example", "gpu-1.example"),
        ("http://GPU-1.example:9000", "gpu-1.example:9000"),
        ("http://gpu.example/comfy/a", "gpu.example-comfy-a"),
        ("http://gpu.example/comfy/", "gpu.example-comfy"),
        ("http://127.0.0.1:18188", "127.0.0.1:18188"),
    ],
)
def test_backend_is_named_by_its_address(url: str, name: str) -> None:
    assert backend_id(url) == name


def test_secret_in_an_address_is_neither_in_its_name_nor_shown() -> None:
    shown = configured(settings("http://user:secret@gpu.example/comfy"))
    assert shown == {"gpu.example-comfy": "http://gpu.example/comfy"}


def test_secret_in_an_address_lets_us_in() -> None:
    access = access_of(settings("http://user:secret@gpu.example"))["http://gpu.example"]
    assert access.password is not None
    assert access.password.get_secret_value() == "secret"


def test_access_file_goes_before_the_address(tmp_path: Path) -> None:
    file = tmp_path / "access.json"
    file.write_text(json.dumps({"http://gpu.example": {"bearer": "token"}}))
    access = access_of(settings("http://user:secret@gpu.example", file))["http://gpu.example"]
    assert access.bearer is not None
    assert access.username is None
