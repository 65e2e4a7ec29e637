"""A gateway that others reach does not start before it is said how people sign in."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_open_door_without_a_way_to_sign_in_does_not_start(host: str) -> None:
    settings = {
        "ANIMATRIX_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "ANIMATRIX_TEMPORAL_ADDRESS": "127.0.0.1:1",
        "ANIMATRIX_S3_ENDPOINT": "http://127.0.0.1:1",
        "ANIMATRIX_S3_ACCESS_KEY": "none",
        "ANIMATRIX_S3_SECRET_KEY": "none",
        "ANIMATRIX_SECRET_KEY": "x" * 32,
    }
    kept = {name: value for name, value in os.environ.items() if "ANIMATRIX" not in name}
    ended = subprocess.run(
        [sys.executable, "-m", "services.gateway", "--host", host, "--port", "1"],
        env=kept | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert f"does not start on {host}" in ended.stderr
    assert "ANIMATRIX_OIDC_ISSUER" in ended.stderr
    assert "Traceback" not in ended.stderr
