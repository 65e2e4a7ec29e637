"""The samples a person tries the product with, as they are committed."""

import hashlib
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from proto.media import AssetKind
from services.local.samples.index import (
    FOLDER,
    INDEX_NAME,
    PageMode,
    SampleFile,
    read_index,
    write_index,
)
from services.media.probe import probe

INDEX = read_index(FOLDER)
ONE_SEGMENT_S = 77 / 16
MOST_BYTES = 900_000
PROMPTS = Path(__file__).parents[3] / "frontend" / "src" / "features" / "samples" / "prompts.ts"

each_file = pytest.mark.parametrize("sample", INDEX.files, ids=lambda sample: sample.name)


@each_file
def test_each_file_is_the_one_recorded(sample: SampleFile) -> None:
    content = (FOLDER / sample.name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == sample.sha256
    assert len(content) == sample.size_bytes < MOST_BYTES


@each_file
def test_each_file_is_of_the_recorded_kind_and_length(sample: SampleFile) -> None:
    facts = probe(FOLDER / sample.name, sample.kind)
    assert (facts.kind, facts.duration_s) == (sample.kind, sample.duration_seconds)


def test_there_is_one_file_of_each_kind() -> None:
    assert [sample.kind for sample in INDEX.files] == list(AssetKind)


def test_what_plays_fits_in_one_segment() -> None:
    lengths = [sample.duration_seconds for sample in INDEX.files[1:]]
    assert all(length is not None and 3 < length <= ONE_SEGMENT_S for length in lengths)


def test_the_character_is_a_portrait() -> None:
    with Image.open(FOLDER / "character.png") as picture:
        assert (picture.size, picture.mode) == ((832, 1216), "RGB")


def test_the_clip_is_upright_and_has_sound() -> None:
    facts = probe(FOLDER / "dance.mp4", AssetKind.VIDEO)
    assert (facts.width, facts.height, facts.fps, facts.codec) == (540, 960, Fraction(30), "h264")
    assert (facts.has_audio, facts.audio_codec, facts.channels) == (True, "aac", 2)


def test_the_clip_plays_before_it_has_loaded() -> None:
    content = (FOLDER / "dance.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_voice_is_mono_and_44_khz() -> None:
    facts = probe(FOLDER / "voice.wav", AssetKind.AUDIO)
    assert (facts.codec, facts.sample_rate, facts.channels) == ("pcm_s16le", 44_100, 1)


def test_every_mode_has_a_project_of_files_that_are_there() -> None:
    names = {sample.name for sample in INDEX.files}
    assert [project.mode for project in INDEX.projects] == list(PageMode)
    assert all(names >= set(project.files) for project in INDEX.projects)


@pytest.mark.skipif(not PROMPTS.exists(), reason="the page is not in this checkout")
def test_the_prompts_are_the_pages() -> None:
    on_page = dict(re.findall(r"^  (\w+): '(.+)',$", PROMPTS.read_text(), re.MULTILINE))
    assert on_page == {project.mode: project.prompt for project in INDEX.projects}


def test_writing_the_index_again_changes_nothing(tmp_path: Path) -> None:
    for sample in INDEX.files:
        (tmp_path / sample.name).write_bytes((FOLDER / sample.name).read_bytes())
    write_index(tmp_path)
    assert read_index(tmp_path) == INDEX
    assert json.loads((tmp_path / INDEX_NAME).read_text())["version"] == "1.0.0"
