"""The audit as a file."""

import csv
import io
import json

import httpx

from services.store.database import Pool
from tests.studio import Studio

PATH = "/api/admin/audit/export"
MANY = 20_000
FILL = """
INSERT INTO audit (audit_id, who, action, subject, before, after, why)
SELECT 'filled-' || number, 'filler', 'test.fill', 'test/' || number, 'null', '{"n": 1}', $1
FROM generate_series(1, $2) AS number
"""


async def fill(pool: Pool, why: str, count: int) -> None:
    await pool.execute("ALTER TABLE audit DISABLE TRIGGER audit_is_kept")
    try:
        await pool.execute("DELETE FROM audit WHERE who = 'filler'")
    finally:
        await pool.execute("ALTER TABLE audit ENABLE TRIGGER audit_is_kept")
    await pool.execute(FILL, why, count)


async def test_every_line_that_matches_is_in_the_file(studio: Studio, pool: Pool) -> None:
    await fill(pool, 'because, of "quotes"\nand lines', MANY)
    response = await studio.http.get(f"{PATH}?who=filler")
    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment" in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == MANY
    assert {row["why"] for row in rows} == {'because, of "quotes"\nand lines'}
    assert {json.loads(row["after"])["n"] for row in rows} == {1}
    assert {"address", "via", "at", "subject"} <= rows[0].keys()


async def test_lines_of_json_are_those_of_the_list(studio: Studio, pool: Pool) -> None:
    await fill(pool, "a few", 7)
    response = await studio.http.get(f"{PATH}?who=filler&format=jsonl")
    told = [json.loads(line) for line in response.text.splitlines()]
    listed = await studio.fetch_json("/api/admin/audit?who=filler")
    assert told == listed["items"]


async def test_no_cell_is_a_formula(studio: Studio, pool: Pool) -> None:
    await fill(pool, "=HYPERLINK(1)", 1)
    response = await studio.http.get(f"{PATH}?who=filler")
    [row] = csv.DictReader(io.StringIO(response.text))
    assert row["why"] == "'=HYPERLINK(1)"


async def test_export_is_itself_in_the_audit_and_for_operators_only(
    studio: Studio, stranger: httpx.AsyncClient
) -> None:
    await studio.http.get(f"{PATH}?who=nobody-at-all")
    [line, *_] = (await studio.fetch_json("/api/admin/audit?action=audit.export"))["items"]
    assert line["after"] == {"who": "nobody-at-all"}
    assert (await stranger.get(PATH)).status_code == 403
