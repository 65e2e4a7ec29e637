"""Plots as SVG, drawn by hand: a page of Markdown shows them, and a diff reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, ROW, BAR = 760, 270, 26, 16
TOP, BOTTOM = 44, 14
MET, MISSED, INK, FAINT = "#2f7d5b", "#c2573a", "#1c1b22", "#8a8794"
STAGES = ("#8fb8de", "#b9d7a8", "#f2d388", "#d9dbe3", "#e3a6a1", "#c9b3e0")
FONT = "font-family='system-ui, sans-serif' font-size='12'"


@dataclass(frozen=True)
class Bar:
    """value, goal: of one unit. shown: the value in words."""

    label: str
    value: float
    goal: float | None
    met: bool
    shown: str


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Each value as a bar, with a line where its goal is."""
    most = max(value for row in rows for value in (row.value, row.goal or 0)) * 1.05
    scale = (WIDTH - LABEL - 90) / most
    parts = []
    for number, row in enumerate(rows):
        y = TOP + number * ROW
        end = LABEL + row.value * scale
        parts.append(_text(LABEL - 10, y + 13, row.label, anchor="end"))
        parts.append(_rect(LABEL, y, row.value * scale, MET if row.met else MISSED))
        parts.append(_text(max(end, LABEL + (row.goal or 0) * scale) + 8, y + 13, row.shown))
        if row.goal is not None:
            parts.append(_line(LABEL + row.goal * scale, y))
    return _svg(title, parts, len(rows))


def stacks(title: str, rows: dict[str, dict[str, float]]) -> str:
    """What each row's seconds are made of."""
    scale = (WIDTH - LABEL - 90) / max(sum(row.values()) for row in rows.values())
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    colours = dict(zip(names, STAGES, strict=False))
    parts = []
    for number, (label, row) in enumerate(rows.items()):
        x, y = float(LABEL), TOP + number * ROW
        parts.append(_text(LABEL - 10, y + 13, label, anchor="end"))
        for name, seconds in row.items():
            parts.append(_rect(x, y, seconds * scale, colours[name]))
            x += seconds * scale
        parts.append(_text(x + 8, y + 13, f"{sum(row.values()):.2f} s"))
    for number, name in enumerate(names):
        y = TOP + (len(rows) + number) * ROW
        parts.append(_rect(LABEL, y, BAR, colours[name]))
        parts.append(_text(LABEL + BAR + 8, y + 13, name))
    return _svg(title, parts, len(rows) + len(names))


def _svg(title: str, parts: Sequence[str], rows: int) -> str:
    height = TOP + rows * ROW + BOTTOM
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}'"
        f" height='{height}' role='img' aria-label='{escape(title)}'>"
    )
    ground = f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>"
    heading = f"<text x='16' y='26' {FONT} font-weight='600' fill='{INK}'>{escape(title)}</text>"
    return "\n".join([head, ground, heading, *parts, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    place = f"x='{x:.1f}' y='{y}' text-anchor='{anchor}'"
    return f"<text {place} {FONT} fill='{INK}'>{escape(words)}</text>"


def _rect(x: float, y: float, width: float, colour: str) -> str:
    size = f"width='{max(width, 1):.1f}' height='{BAR}'"
    return f"<rect x='{x:.1f}' y='{y}' {size} fill='{colour}'/>"


def _line(x: float, y: float) -> str:
    ends = f"x1='{x:.1f}' x2='{x:.1f}' y1='{y - 4}' y2='{y + BAR + 4}'"
    return f"<line {ends} stroke='{FAINT}' stroke-width='2'/>"
