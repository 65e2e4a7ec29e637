"""The server's three folders and the rules its file names follow."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import count
from os.path import commonpath, normpath
from pathlib import Path
from typing import IO

FOLDERS = ("input", "output", "temp")
ANNOTATIONS = {f"[{folder}]": folder for folder in FOLDERS}
CUT = {"input": 8, "output": 9, "temp": 7}
"""Characters ComfyUI cuts off an annotated name: the mark and one blank, whether it is there or
not."""

MARKS = {"%year%": "%Y", "%month%": "%m", "%day%": "%d", "%hour%": "%H", "%minute%": "%M"}


class OutsideFolder(Exception):
    """A name leads out of the folder it belongs to."""


@dataclass(frozen=True)
class SavedFile:
    """What an output node reports, and where it writes."""

    filename: str
    subfolder: str
    type: str
    path: Path

    def entry(self) -> dict[str, str]:
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


class FileStore:
    def __init__(self, base: Path) -> None:
        self.base = base.resolve()
        for folder in FOLDERS:
            (self.base / folder).mkdir(parents=True, exist_ok=True)

    def empty_temp(self) -> None:
        """What a starting server does."""
        shutil.rmtree(self.base / "temp", ignore_errors=True)
        (self.base / "temp").mkdir()

    def folder(self, kind: str) -> Path:
        if kind not in FOLDERS:
            raise LookupError(f"no folder {kind!r}")
        return self.base / kind

    def find_input(self, name: str) -> Path:
        """The file a loader's value means: `name`, `sub/name` or `sub/name [output]`.

        It may lie outside the folders, like ComfyUI's.
        """
        bare, kind = split_annotation(name)
        return self.folder(kind or "input") / bare

    def holds_input(self, name: str) -> bool:
        """Whether a loader's value stays in its folder, links resolved."""
        _, kind = split_annotation(name)
        return self.find_input(name).resolve().is_relative_to(self.folder(kind or "input"))

    def relative(self, path: Path) -> str:
        """As it is kept in values and latents: under the base folder, where it lies there."""
        inside = path.is_relative_to(self.base)
        return (path.relative_to(self.base) if inside else path).as_posix()

    def inputs(self) -> list[str]:
        return sorted(path.name for path in self.folder("input").iterdir() if path.is_file())

    def place_upload(self, kind: str, subfolder: str, filename: str) -> Path:
        """Where an upload belongs; its folder is made. Raises OutsideFolder."""
        root = self.folder(kind)
        folder = root / normpath(subfolder)
        path = Path(normpath(folder / filename))
        if commonpath((root, path)) != str(root):
            raise OutsideFolder(filename)
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(filename)
        return path

    def find_saved(self, kind: str, subfolder: str, filename: str) -> Path | None:
        """A file as it was reported; a folder in its name is dropped. Raises OutsideFolder."""
        root = self.folder(kind)
        folder = Path(normpath(root / subfolder))
        if commonpath((folder, root)) != str(root):
            raise OutsideFolder(subfolder)
        path = folder / Path(filename).name
        return path if path.is_file() else None

    def next_output(self, prefix: str, suffix: str, size: tuple[int, int]) -> SavedFile:
        """The next free `<prefix>_<counter>_<suffix>` of the output folder; its folder is made."""
        return next(self.next_files("output", expand(prefix, size), suffix))

    def next_files(self, kind: str, prefix: str, suffix: str) -> Iterator[SavedFile]:
        """For the pictures of a batch, counted from the next free number on.

        Like ComfyUI's, the names on disk are looked at once, before %batch_num% is filled in: a
        second batch with such a prefix is written over the first.
        """
        root = self.folder(kind)
        folder = Path(normpath(root / prefix)).parent
        stem = Path(normpath(prefix)).name
        if commonpath((root, folder)) != str(root):
            raise OutsideFolder(f"Saving image outside the output folder is not allowed: {prefix}")
        folder.mkdir(parents=True, exist_ok=True)
        subfolder = "" if folder == root else folder.relative_to(root).as_posix()
        for number, counter in enumerate(count(next_counter(folder, stem))):
            filename = f"{stem.replace('%batch_num%', str(number))}_{counter:05}_{suffix}"
            yield SavedFile(filename, subfolder, kind, folder / filename)


def store_upload(content: IO[bytes], wanted: Path, *, overwrite: bool) -> Path:
    """Keep it as `wanted`, or as `wanted (1)`, `(2)` … when other bytes have that name."""
    digest = sha256(content.read()).digest()
    path = wanted
    counter = 1
    while not overwrite and path.exists():
        if sha256(path.read_bytes()).digest() == digest:
            return path
        path = wanted.with_name(f"{wanted.stem} ({counter}){wanted.suffix}")
        counter += 1
    content.seek(0)
    with path.open("wb") as stored:
        shutil.copyfileobj(content, stored)
    return path


def split_annotation(name: str) -> tuple[str, str | None]:
    for mark, folder in ANNOTATIONS.items():
        if name.endswith(mark):
            return name[: -CUT[folder]], folder
    return name, None


def expand(prefix: str, size: tuple[int, int]) -> str:
    now = datetime.now().astimezone()
    for mark, directive in MARKS.items():
        prefix = prefix.replace(mark, now.strftime(directive))
    prefix = prefix.replace("%second%", now.strftime("%S"))
    return prefix.replace("%width%", str(size[0])).replace("%height%", str(size[1]))


def next_counter(folder: Path, stem: str) -> int:
    """The highest number on disk and one: a deleted file's name is given again."""
    numbered = re.compile(rf"{re.escape(stem)}_(\d+)_", re.IGNORECASE)
    matches = (numbered.match(path.name) for path in folder.iterdir())
    return 1 + max((int(match[1]) for match in matches if match), default=0)
