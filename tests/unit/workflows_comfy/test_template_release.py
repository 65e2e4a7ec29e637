"""What may be frozen as a version of a template, and what is frozen of it."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.workflows_comfy.template_files import add_version, copied_root, edit
from workflows_comfy import snapshots
from workflows_comfy.catalog import read_released, read_templates, released_folders
from workflows_comfy.release import Refused, release

REF = "animate/move@1.2.0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied_root(tmp_path)


def names(root: Path) -> set[str]:
    return {str(template.ref) for template in read_templates(released_folders(root))}


def test_a_version_is_offered_only_once_it_is_released(root: Path, tmp_path: Path) -> None:
    add_version(root, "animate/move", "1.2.0")
    add_version(root, "animate/move-next", "1.2.0")
    assert REF not in names(root)
    release(root, tmp_path, REF)
    assert {REF, "animate/move-next@1.2.0"} <= names(root)


def test_a_release_records_what_the_files_are(root: Path, tmp_path: Path) -> None:
    folder = add_version(root, "animate/move", "1.2.0", of="1.0.0")
    before = read_released(root)
    released = release(root, tmp_path, REF)
    after = read_released(root)
    assert after.keys() - before.keys() == set(released.files)
    for name in released.files:
        assert after[name] == sha256((root / name).read_bytes()).hexdigest()
    assert {(root / name).parent for name in released.files} == {folder}
    assert before.items() <= after.items()


def test_a_release_freezes_what_the_version_binds_to(root: Path, tmp_path: Path) -> None:
    add_version(root, "animate/move", "1.2.0", of="1.0.0")
    snapshot = release(root, tmp_path, REF).snapshot
    assert snapshot == tmp_path / "animate-move@1.2.0.json"
    frozen = snapshots.load(snapshot.read_text())
    assert len(frozen) == 9
    assert frozen["high 1:1 whole"].inputs["animate.width"] == 960


def test_files_that_were_released_can_be_released_again(root: Path, tmp_path: Path) -> None:
    before = read_released(root)
    assert release(root, tmp_path, "animate/move@1.1.0").files == []
    assert read_released(root) == before
    assert [path for path in tmp_path.iterdir() if path != root] == []


def test_a_released_version_is_never_released_with_other_files(root: Path, tmp_path: Path) -> None:
    edit(root / "animate/move/1.1.0/manifest.json", notes=["better"])
    before = read_released(root)
    with pytest.raises(Refused, match=r"with other content: animate/move/1\.1\.0/manifest\.json"):
        release(root, tmp_path, "animate/move@1.1.0")
    assert read_released(root) == before


def test_a_version_whose_part_is_missing_is_refused(root: Path, tmp_path: Path) -> None:
    add_version(root, "animate/move", "1.2.0")
    with pytest.raises(Refused, match=r"has no part animate/move-next@1\.2\.0"):
        release(root, tmp_path, REF)
    assert REF not in names(root)


def test_a_parameter_that_no_job_gives_is_refused(root: Path, tmp_path: Path) -> None:
    folder = add_version(root, "animate/move", "1.2.0", of="1.0.0")
    bound = json.loads((folder / "bindings.json").read_text())["parameters"]
    strength = {"type": "number", "minimum": 0, "maximum": 1}
    strength["targets"] = [{"node": "acceleration", "input": "strength_model"}]
    edit(folder / "bindings.json", parameters=bound | {"strength": strength})
    with pytest.raises(Refused, match="no job gives the parameter 'strength'"):
        release(root, tmp_path, REF)
    assert REF not in names(root)


def test_what_is_no_template_file_is_refused(root: Path, tmp_path: Path) -> None:
    folder = add_version(root, "animate/move", "1.2.0", of="1.0.0")
    (folder / "notes.txt").write_text("draft")
    with pytest.raises(Refused, match=r"notes\.txt"):
        release(root, tmp_path, REF)


@pytest.mark.parametrize("ref", ["animate/move", "animate/move@1.2", "../x/y@1.0.0", "move@1.0.0"])
def test_what_is_no_version_is_refused(root: Path, tmp_path: Path, ref: str) -> None:
    with pytest.raises(Refused, match="is not like"):
        release(root, tmp_path, ref)


def test_a_version_that_is_not_there_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no folder"):
        release(root, tmp_path, REF)


def test_a_draft_that_is_broken_does_not_disturb_what_is_released(root: Path) -> None:
    folder = add_version(root, "animate/move", "1.2.0")
    (folder / "bindings.json").write_text("{")
    assert "animate/move@1.1.0" in names(root)
