"""`animatrix` in a container, where secrets are files."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.local.layout import HOST
from services.settings import SECRETS_DIR
from tests.conftest import free_port


def test_database_is_found_among_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://animatrix:secret@{HOST}:{free_port()}/animatrix"
    (tmp_path / "ANIMATRIX_DATABASE_URL").write_text(f"{url}\n", encoding="utf-8")
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))
    said = CliRunner().invoke(app, ["user", "list"])
    assert said.exit_code == 1
    assert "The database does not do it" in said.output
    assert "secret@" not in said.output
