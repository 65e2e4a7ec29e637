"""Writes docs/bench.md and its plots from results.json: `python -m tests.bench.report`."""

from pathlib import Path
from typing import Any

from tests.bench import plots, results
from tests.bench.notes import NOTES, PARTS, Part

DOCS = Path(__file__).parents[2] / "docs"
STAGES = {
    "accepted to uploaded": "shaping the files",
    "uploaded to queued": "planning",
    "queued to executing": "a place on a GPU, upload, submission",
    "executing to collecting_outputs": "rendering",
    "collecting_outputs to completed": "fetching, joining, stills, storing",
}
SPLIT = {
    "5 s, new files": "one_job_5s_render_vs_bare_script",
    "5 s, used before": "one_job_5s_render_same_files_vs_bare_script",
}

HEAD = """\
# Bench

<!-- Written by `python -m tests.bench.report` from tests/bench/results.json. -->

Each figure is a ratio against a named baseline of the same run, so that it says the same on another
machine; `make bench` measures all of them anew in about 90 minutes, `make bench ONLY="one_job day"`
some. The ones below are from {cores} cores ({processor}), {memory_gib} GiB, Python {python},
release {release}. Servers, services, stand-in and the load itself share these cores.

![Ratios and their goals](images/bench-ratios.svg)
"""


def pages(found: dict[str, Any]) -> dict[str, str]:
    """The text of each file, by its name below docs/."""
    return {
        "bench.md": _page(found),
        "images/bench-ratios.svg": _ratios(found["ratios"]),
        "images/bench-one-job.svg": _split(found["ratios"]),
    }


def _page(found: dict[str, Any]) -> str:
    parts = [HEAD.format(**found["machine"])]
    for part in PARTS:
        parts.append(f"## {part.title}\n\n{part.about}\n\n{_table(part, found['ratios'])}")
        if part.plot:
            parts.append(f"![{part.title}](images/{part.plot})\n")
        if part.note in NOTES:
            parts.append(NOTES[part.note](found) + "\n")
    return "\n".join(parts)


def _table(part: Part, ratios: dict[str, Any]) -> str:
    if not part.rows:
        return ""
    lines = ["| what | ours | baseline | ratio | goal | |", "|---|---|---|---|---|---|"]
    for name, label in part.rows.items():
        one = ratios[name]
        goal = f"{'≥' if one['at_least'] else '≤'} {one['goal']}"
        values = f"{_shown(one['ours'], part.unit)} | {_shown(one['baseline'], part.unit)}"
        met = "met" if one["met"] else "**missed**"
        lines.append(f"| {label} | {values} | {one['ratio']:.2f} | {goal} | {met} |")
    return "\n".join(lines) + "\n"


def _shown(value: float, unit: str) -> str:
    if unit == "ms":
        return f"{1000 * value:.1f} ms"
    if unit == "%":
        return f"{100 * value:.1f} %"
    return f"{value:.3g} {unit}"


def _ratios(ratios: dict[str, Any]) -> str:
    """How much of its goal each takes: less is better, 1 is the goal."""
    rows = [
        plots.Bar(f"{part.title}: {label}", share, 1.0, ratios[name]["met"], f"{share:.2f}")
        for part in PARTS
        for name, label in part.rows.items()
        for share in [_share(ratios[name])]
    ]
    return plots.bars("Share of its goal that each ratio takes (the line is the goal)", rows)


def _share(one: dict[str, Any]) -> float:
    share: float = one["goal"] / one["ratio"] if one["at_least"] else one["ratio"] / one["goal"]
    return share


def _split(ratios: dict[str, Any]) -> str:
    rows = {
        label: {STAGES[name]: seconds for name, seconds in ratios[name_]["parts_s"].items()}
        for label, name_ in SPLIT.items()
    }
    return plots.stacks("One job by its stages, seconds", rows)


def main() -> None:
    for name, text in pages(results.read()).items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
