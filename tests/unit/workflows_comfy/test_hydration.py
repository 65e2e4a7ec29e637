"""A bucket's listing against what the templates load."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from workflows_comfy.hydration import Hydration, NeededFile, check_listing

ALL = check_listing([]).files
VAE = "wan_2.1_vae.safetensors"


def line(key: str, size_bytes: int = 1_000_000) -> str:
    return f"2026-03-01 09:30:00 {size_bytes:>12} {key}"


def whole() -> list[str]:
    return [line(file.wanted_at) for file in ALL]


def vae_of(found: Hydration) -> NeededFile:
    [file] = [file for file in found.files if file.file == VAE]
    return file


def test_every_file_of_every_family_is_asked_for() -> None:
    assert {family for file in ALL for family in file.families} == {
        "Wan2.2-Animate-14B",
        "Wan2.2-S2V-14B",
    }
    assert len({(file.folder, file.file) for file in ALL}) == len(ALL)
    assert vae_of(check_listing([])).folder == "vae"


def test_whole_bucket_lacks_nothing() -> None:
    assert check_listing([*whole(), "", "Total Objects: 20", "   Total Size: 1"]).missing == []


def test_file_is_found_wherever_its_family_keeps_it() -> None:
    keys = [f"models/Wan2.2-Animate-14B/split_files/vae/{VAE}", f"models/shared/{VAE}"]
    places = vae_of(check_listing([line(key) for key in keys])).places
    assert places == ("models/Wan2.2-Animate-14B/split_files/vae", "models/shared")


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (line(f"old/vae/{VAE}"), "old/vae: not below models/"),
        (line(f"models/a/vae/{VAE}", 0), "models/a/vae: it is empty"),
        (line(f"models/a/loras/{VAE}"), "models/a/loras: it belongs into vae"),
    ],
)
def test_file_that_no_host_can_be_filled_from_is_missing(stored: str, why: str) -> None:
    file = vae_of(check_listing([stored]))
    assert file.places == ()
    assert file.problems == (why,)


def test_line_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2"):
        check_listing([*whole()[:1], "PRE models/"])


def test_command_names_what_to_add(tmp_path: Path) -> None:
    listing = tmp_path / "listing.txt"
    listing.write_text("\n".join(text for text in whole() if VAE not in text), encoding="utf-8")
    said = CliRunner().invoke(app, ["models", str(listing)])
    assert said.exit_code == 1
    assert f"add models/Wan2.2-Animate-14B/vae/{VAE}" in said.output
    assert f"{len(ALL) - 1} of {len(ALL)} model files are there." in said.output


def test_command_reads_what_is_piped_into_it() -> None:
    said = CliRunner().invoke(app, ["models", "-"], input="\n".join(whole()))
    assert said.exit_code == 0
