"""Which model files of the templates a bucket holds that GPU hosts are filled from.

The bucket has them as models/<family>/…/<file>; what lies between is the uploader's own, often
ComfyUI's folder. So a file is known by its name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from workflows_comfy.catalog import TEMPLATE_IDS, versions_of
from workflows_comfy.needs import model_folders, required_models

ROOT = "models"
LISTING_COLUMNS = 4
"""Day, time, size, key."""


@dataclass(frozen=True)
class Stored:
    """An object of the bucket."""

    key: PurePosixPath
    size_bytes: int


@dataclass(frozen=True)
class NeededFile:
    """A file that templates load, and where the bucket has it.

    families: of the templates that load it. places: folders of the bucket that a host can be
    filled from. problems: why others that hold a file of this name don't count.
    """

    file: str
    folder: str
    use: str
    families: tuple[str, ...]
    places: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def comfy_folder(self) -> str:
        """Below ComfyUI's own."""
        return self.folder if self.folder.startswith("custom_nodes/") else f"models/{self.folder}"

    @property
    def wanted_at(self) -> str:
        """A key that would do."""
        return f"{ROOT}/{self.families[0]}/{self.folder}/{self.file}"


@dataclass(frozen=True)
class Hydration:
    files: tuple[NeededFile, ...]

    @property
    def missing(self) -> list[NeededFile]:
        return [file for file in self.files if not file.places]


def check_listing(lines: Iterable[str]) -> Hydration:
    """Compare what `aws s3 ls --recursive` printed with what the newest templates load.

    Raises ValueError for a line that is none of a listing.
    """
    stored = list(_stored(lines))
    return Hydration(tuple(_find(file, stored) for file in _needed()))


def _stored(lines: Iterable[str]) -> Iterator[Stored]:
    for number, line in enumerate(lines, start=1):
        # --summarize ends with a blank line and totals.
        if not line.strip() or line.strip().startswith("Total "):
            continue
        columns = line.strip().split(maxsplit=LISTING_COLUMNS - 1)
        if len(columns) < LISTING_COLUMNS or not columns[2].isdecimal():
            raise ValueError(f"line {number} is none of `aws s3 ls --recursive`")
        yield Stored(PurePosixPath(columns[3]), int(columns[2]))


def _needed() -> list[NeededFile]:
    """What the newest version of each template needs, each file once; in no place yet."""
    found: dict[tuple[str, str], NeededFile] = {}
    for template_id in TEMPLATE_IDS.values():
        template = versions_of(template_id)[-1]
        family = template.manifest.model_family
        for model in required_models(template):
            known = found.get((model.folder, model.file))
            families = dict.fromkeys([*(known.families if known else ()), family])
            use = known.use if known else model.use
            found[model.folder, model.file] = NeededFile(
                model.file, model.folder, use, tuple(families), (), ()
            )
    return sorted(found.values(), key=lambda file: (file.folder, file.file))


def _find(needed: NeededFile, stored: list[Stored]) -> NeededFile:
    same_name = [one for one in stored if one.key.name == needed.file]
    judged = [(str(one.key.parent), _why_not(one, needed.folder)) for one in same_name]
    places = sorted({folder for folder, why in judged if why is None})
    problems = sorted({f"{folder}: {why}" for folder, why in judged if why is not None})
    return NeededFile(
        needed.file, needed.folder, needed.use, needed.families, tuple(places), tuple(problems)
    )


def _why_not(stored: Stored, folder: str) -> str | None:
    """Why a host can't be filled from it; None where it can."""
    if stored.key.parts[0] != ROOT:
        return f"not below {ROOT}/"
    if not stored.size_bytes:
        return "it is empty"
    kind = stored.key.parent.name
    if kind in model_folders() and kind != folder:
        return f"it belongs into {folder}"
    return None
