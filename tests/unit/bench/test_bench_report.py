"""What the documents quote is what was measured."""

import pytest

from tests.bench import results
from tests.bench.report import DOCS, pages


@pytest.mark.parametrize(
    "name", ["bench.md", "images/bench-ratios.svg", "images/bench-one-job.svg"]
)
def test_page_of_the_bench_is_the_one_of_the_results(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages(results.read())[name]


def test_every_ratio_names_its_goal_and_keeps_to_what_it_says() -> None:
    for name, one in results.read()["ratios"].items():
        ratio = one["ours"] / one["baseline"]
        assert ratio == pytest.approx(one["ratio"], rel=0.01), name
        met = one["ratio"] >= one["goal"] if one["at_least"] else one["ratio"] <= one["goal"]
        assert met == one["met"], name
