"""A run of some cases on a stack: verdicts first, then jobs of what was accepted."""

from collections.abc import Container, Sequence
from pathlib import Path

from services.store.objects import ObjectStore
from tests.corpus.canary import open_canary
from tests.corpus.case import IMAGE, Case
from tests.corpus.rendering import open_stage
from tests.corpus.tally import Tally
from tests.corpus.uploading import Uploading
from tests.studio import Studio

EVERY_PICTURE = 12
"""One in so many pictures is the character of a job."""


def worth_a_job(cases: Sequence[Case]) -> set[str]:
    """The names of all clips and sounds, and of a few pictures."""
    pictures = [case.name for case in cases if case.kind is IMAGE]
    return {case.name for case in cases if case.kind is not IMAGE} | set(pictures[::EVERY_PICTURE])


async def run(
    studio: Studio,
    objects: ObjectStore,
    folder: Path,
    cases: Sequence[Case],
    seed: int,
    rendered: Container[str],
) -> Tally:
    """rendered: the names of the cases that are made a job of, if they are accepted."""
    tally = Tally()
    async with open_canary(folder) as watch:
        await Uploading(studio, objects, folder, tally).run(cases, seed, watch.canary)
        stage = await open_stage(studio, folder, tally)
        await stage.run([(c, asset) for c, asset in tally.accepted if c.name in rendered])
        tally.stray += watch.visits()
    return tally
