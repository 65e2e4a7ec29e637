"""All cases of a seed, and their files as they are made."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TypeVar

from tests.corpus.case import Canary, Case, made
from tests.corpus.hostile import (
    bombs,
    damaged,
    foreign,
    lies,
    nesting,
    polyglots,
    references,
    wrong,
)
from tests.corpus.kitchen import cores, scratch
from tests.corpus.valid import codecs, colours, pictures, sounds, timing, tracks

VALID = (pictures, colours, codecs, timing, tracks, sounds)
HOSTILE = (foreign, polyglots, references, bombs, damaged, lies, nesting, wrong)
Thing = TypeVar("Thing")
AHEAD = 4
"""Files that may be ready before they are asked for, for each core."""


def all_cases(seed: int) -> list[Case]:
    return list(chain.from_iterable(family.cases(seed) for family in (*VALID, *HOSTILE)))


def sample(given: Sequence[Thing], count: int) -> list[Thing]:
    """At most so many, evenly over all, in order."""
    count = min(count, len(given))
    return [given[index * len(given) // count] for index in range(count)]


async def files(
    cases: Sequence[Case], seed: int, folder: Path, canary: Canary
) -> AsyncGenerator[tuple[Case, bytes], None]:
    """Each case with its bytes, in order; some are made ahead."""

    def make(index: int, case: Case) -> bytes:
        with scratch(folder / str(index)) as own:
            return made(case, seed, own, canary)

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(cores(), thread_name_prefix="corpus") as pool:
        waiting: list[tuple[Case, asyncio.Future[bytes]]] = []
        for index, case in enumerate(cases):
            waiting.append((case, loop.run_in_executor(pool, make, index, case)))
            if len(waiting) > AHEAD * cores():
                first, ready = waiting.pop(0)
                yield first, await ready
        for case, ready in waiting:
            yield case, await ready
