"""What a migration may do while the release before still runs on the same database."""

import re
import tomllib
from pathlib import Path

import pytest

from services.store.database import MIGRATIONS

ROOT = Path(__file__).parents[3]
BREAKS = {
    "removes what is read": r"\bDROP (TABLE|COLUMN|VIEW|FUNCTION|TYPE|TRIGGER)\b|^TRUNCATE\b",
    "renames": r"\bRENAME\b",
    "changes a type": r"\bALTER COLUMN \S+ (SET DATA )?TYPE\b",
    "forbids what is written": r"\bSET NOT NULL\b|\bADD (CONSTRAINT|CHECK|UNIQUE)\b"
    r"|^CREATE UNIQUE INDEX\b",
    "wants what is not written": r"\bADD COLUMN (?!.*\b(DEFAULT|GENERATED)\b).*\bNOT NULL\b",
}
CLAUSE = re.compile(r",\s*(?=ADD |DROP |ALTER |RENAME )", re.IGNORECASE)
UNREAD = re.compile(r"-- unread since (\d+)\.(\d+)\.(\d+)\b")
"""In the comment above a statement: neither that release nor a later one needs what goes."""
BODY = re.compile(r"\$\$.*?\$\$", re.DOTALL)


def statements(sql: str) -> list[str]:
    """With the comments above them; bodies of functions left out."""
    return [part for part in BODY.sub("", sql).split(";") if part.strip()]


def faults(sql: str, current: tuple[int, ...]) -> list[str]:
    """What would break the release before `current`."""
    found = []
    for statement in statements(sql):
        clauses = CLAUSE.split(" ".join(re.sub(r"--.*", "", statement).split()))
        marked = UNREAD.search(statement)
        if marked and tuple(map(int, marked.groups())) < current:
            continue
        found += [why for clause in clauses for why in faults_of(clause)]
    return found


def faults_of(clause: str) -> list[str]:
    return [why for why, words in BREAKS.items() if re.search(words, clause, re.IGNORECASE)]


def release() -> tuple[int, ...]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(map(int, project["version"].split(".")))


@pytest.mark.parametrize("path", sorted(MIGRATIONS.glob("*.sql")), ids=lambda path: path.name)
def test_release_before_can_run_on_a_migration(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), release()) == []


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("DROP TABLE jobs", "removes what is read"),
        ("ALTER TABLE jobs DROP COLUMN rev, ADD COLUMN a int", "removes what is read"),
        ("alter table jobs rename column rev to number", "renames"),
        ("ALTER TABLE jobs ALTER COLUMN rev TYPE bigint", "changes a type"),
        ("ALTER TABLE jobs ALTER COLUMN rev SET DATA TYPE bigint", "changes a type"),
        ("ALTER TABLE jobs ALTER COLUMN eta SET NOT NULL", "forbids what is written"),
        ("CREATE UNIQUE INDEX one ON jobs (owner)", "forbids what is written"),
        ("ALTER TABLE jobs ADD COLUMN a text NOT NULL", "wants what is not written"),
        (
            "ALTER TABLE a ADD COLUMN b int NOT NULL, ADD c int DEFAULT 1",
            "wants what is not written",
        ),
        (
            "ALTER TABLE a ADD c int DEFAULT 1, ADD COLUMN b int NOT NULL",
            "wants what is not written",
        ),
    ],
)
def test_what_breaks_the_release_before_is_noticed(sql: str, why: str) -> None:
    assert faults(sql, (0, 2, 0)) == [why]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE jobs ADD COLUMN a text NOT NULL DEFAULT '', ADD COLUMN b text",
        "ALTER TABLE jobs ADD COLUMN a text DEFAULT '' NOT NULL",
        "CREATE TABLE fresh (a text NOT NULL)",
        "-- RENAME is only talked of\nCREATE INDEX a ON jobs (owner)",
    ],
)
def test_what_the_release_before_does_not_notice_is_allowed(sql: str) -> None:
    assert faults(sql, (0, 2, 0)) == []


def test_what_nothing_reads_since_an_earlier_release_may_go() -> None:
    sql = "-- unread since 0.2.0\nALTER TABLE jobs DROP COLUMN cause"
    assert faults(sql, (0, 3, 0)) == []
    assert faults(sql, (0, 2, 0)) == ["removes what is read"]
