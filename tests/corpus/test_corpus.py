"""A spread over all families, with a fixed seed; `make corpus` runs all of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.stack import Stack
from services.store.objects import ObjectStore
from tests.corpus.case import Case
from tests.corpus.catalogue import all_cases, sample
from tests.corpus.kitchen import scratch
from tests.corpus.run import run, worth_a_job
from tests.studio import Studio

SEED, FILES, JOBS = 11, 60, 8
HEAVY = ("heavy", "large", "long-", "four-k", "dnxhd", "minute")
"""Words in the names of what takes long, or is over the test stack's own limits."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with scratch(tmp_path / "corpus") as path:
        path.mkdir()
        yield path


def light_cases() -> list[Case]:
    cases = [case for case in all_cases(SEED) if not any(word in case.name for word in HEAVY)]
    return sample(cases, FILES)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
async def test_every_file_has_its_verdict_and_renders(
    stack: Stack, studio: Studio, objects: ObjectStore, folder: Path
) -> None:
    cases, servers = light_cases(), stack.pids
    jobs = sample(sorted(worth_a_job([case for case in cases if not case.is_hostile])), JOBS)
    tally = await run(studio, objects, folder, cases, SEED, jobs)
    assert not tally.told, "\n".join(tally.told)
    assert len(tally.verdict_ms) == FILES
    assert tally.rendered == JOBS
    assert stack.pids == servers
