"""The dashboards and alert rules, and what their queries ask for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[3] / "deploy"
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
RANGE = re.compile(r"\[[^\]]*\]")
GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)\s*(\(?)")
SELECTOR = re.compile(r"\b([a-zA-Z_:][\w:]*)\b(\{[^}]*\})?(?!\s*\()")
MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
WORDS = frozenset({"by", "on", "and", "or", "unless", "sum", "max", "min", "count", "vector"})
LEGEND = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True)
class Asking:
    """A dashboard, or one alert. legends: the labels its panels show, by query."""

    name: str
    queries: list[str]
    legends: dict[str, set[str]]
    content: dict[str, Any]


def dashboards() -> list[Asking]:
    return [_dashboard(path) for path in sorted((DEPLOY / "grafana").glob("*.json"))]


def alerts() -> list[Asking]:
    text = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    return [Asking(rule["alert"], [rule["expr"]], {}, rule) for rule in rules]


def _dashboard(path: Path) -> Asking:
    content = json.loads(path.read_text(encoding="utf-8"))
    targets = [target for panel in content["panels"] for target in panel.get("targets", ())]
    legends = {target["expr"]: {*LEGEND.findall(target["legendFormat"])} for target in targets}
    return Asking(path.stem, [target["expr"] for target in targets], legends, content)


def queries(query: str) -> dict[str, set[str]]:
    """The metrics a PromQL query reads, each with the labels it has to have."""
    bare = RANGE.sub("", STRING.sub('""', query))
    found: dict[str, set[str]] = {}
    for name, matchers in _selectors(bare):
        found.setdefault(name, set()).update(MATCHER.findall(matchers))
    for group in GROUPING.finditer(bare):
        labels = {label.strip() for label in group[1].split(",") if label.strip()}
        inside = _balanced(bare, group.end(2)) if group[2] else bare
        for name, _ in _selectors(inside):
            found[name] |= labels
    return found


def _selectors(bare: str) -> Iterator[tuple[str, str]]:
    for match in SELECTOR.finditer(GROUPING.sub(r"\2", bare)):
        if match[1] not in WORDS and not match[1][0].isdigit():
            yield match[1], match[2] or ""


def _balanced(text: str, start: int) -> str:
    """From after an opening parenthesis to the one that closes it."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if not depth:
            return text[start:index]
    raise ValueError(f"unbalanced: {text}")
