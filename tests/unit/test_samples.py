import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from proto.media import AssetKind
from services.media.probe import probe

SAMPLES = Path(__file__).parents[2] / "services" / "local" / "samples"
FILES = json.loads((SAMPLES / "samples.json").read_bytes())["files"]
ONE_SEGMENT_S = 77 / 16


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_a_sample_is_the_one_its_version_records(file: dict[str, Any]) -> None:
    content = (SAMPLES / file["name"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert len(content) == file["size_bytes"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_a_sample_makes_a_video_of_one_segment(file: dict[str, Any]) -> None:
    facts = probe(SAMPLES / file["name"], AssetKind(file["kind"]))
    assert facts.kind == file["kind"]
    assert facts.duration_s is None or facts.duration_s <= ONE_SEGMENT_S


def test_the_dance_has_a_beat() -> None:
    assert probe(SAMPLES / "dance.mp4", AssetKind.VIDEO).has_audio
