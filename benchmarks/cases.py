"""Lists, search, workbench and scoreboard of cases, where one province has filed or handles a million of them.

Some cases are real, in every state; their rows are written again under other numbers, over three years and many items.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks.pages import REPEATS, SAFE, WARM, asked, cookie_of
from benchmarks.stage import EVERYTHING, Stage
from benchmarks.web import until_it_answers, web
from tests.builders.cell import Cell, Client
from tests.requests.given import REASON, done, filed, opened

CASES = int(os.environ.get("CASES", "1000000"))
ITEMS, DIFFERENT = 40, 20
STEPS: Sequence[Sequence[tuple[str, dict[str, Any]]]] = (
    (),
    (("accept", {}),),
    (("accept", {}), ("decide", {"outcome": "refused", "ground": "依据", "remedy": "复议", **REASON})),
    (("accept", {}), ("decide", {"outcome": "approved", **REASON}), ("deliver", {}), ("close", {})),
)
"""How far the real ones have come. In a province most have ended: the last stands for as many as all others."""
TABLES = ("requests.cases", "shared.work", "shared.journal", "shared.heads", "shared.progress", "shared.timers")
COLUMNS = """
SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
WHERE format('%%I.%%I', table_schema, table_name) = %s AND is_generated = 'NEVER'"""
COPY = """
INSERT INTO {table} ({columns}) SELECT {chosen}
FROM (SELECT to_jsonb(one)::text AS row FROM {table} AS one
      WHERE tenant_id = {tenant} AND to_jsonb(one)::text LIKE {pattern} {last}) AS known,
LATERAL (SELECT md5({key} || number)::uuid::text AS key, {stem} || lpad(number::text, 7, '0') || '-X' AS name
         FROM generate_series(1, {many}) AS number) AS made,
LATERAL jsonb_populate_record(NULL::{table}, replace(replace(row, {key}, made.key), {name}, made.name)::jsonb) AS new
ON CONFLICT DO NOTHING"""
SPREAD = """
UPDATE requests.cases SET filed_at = filed_at - ago, created_at = created_at - ago, updated_at = updated_at - ago,
    item_id = items.ids[1 + floor(random() * {})], due_on = due_on + floor(random() * 200)::int,
    is_overdue = state IN ('filed', 'accepted') AND random() < 0.02
FROM (SELECT array_agg(id ORDER BY id) AS ids FROM requests.items_register) AS items,
    (SELECT id AS key, random() * interval '3 years' AS ago FROM requests.cases) AS spread
WHERE tenant_id = {} AND id = key"""
TALLY = """
INSERT INTO requests.tallies (tenant_id, day, handler, home, item_id, cases, accepted, accepted_in_term, decided,
    decided_in_term, timed, own_days, refused, overdue)
SELECT tenant_id, (filed_at AT TIME ZONE interval '8 hours')::date, handler, home_id, item_id, count(*),
    count(accepted_in_term), count(*) FILTER (WHERE accepted_in_term), count(answered_in_term),
    count(*) FILTER (WHERE answered_in_term), count(own_days), coalesce(sum(own_days), 0),
    count(*) FILTER (WHERE decision->>'outcome' = 'refused'), count(*) FILTER (WHERE is_overdue)
FROM requests.cases WHERE tenant_id = {} GROUP BY tenant_id, 2, 3, 4, 5"""


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Milliseconds of each question, p50 and p95: of its statements in the database, and of its page over HTTP."""
    with stage.running(EVERYTHING):
        until_it_answers(stage)
        home, handler = stage.tenants("sichuan", "guizhou")
        stage.settle()
    cell = Cell(stage.settings)
    keys = _filled(cell, stage, home=home, handler=handler)
    # What no beat has vouched for counts as not known.
    cell.tick()
    cell.carry()
    client = cell.client(home)
    questions = _questions(stage, keys, home=home)
    in_database = {name: _spent(client, urls) for name, urls in questions.items()}
    cookie = cookie_of(cell, home)
    cell.close()
    with web(stage):
        pages = {name: asked(stage, cookie, urls) for name, urls in _pages(keys, questions).items()}
    return [{"database": in_database, "pages": pages}]


def _filled(cell: Cell, stage: Stage, *, home: UUID, handler: UUID) -> list[str]:
    """Keys of some cases of this tenant, which has a million."""
    items = [opened(cell, handler, name_zh=f"跨省通办事项{number}") for number in range(ITEMS)]
    real = [_worked(cell, home=home, handler=handler, item=items[0], steps=steps) for steps in STEPS]
    weights = [1, 1, 1, 3]
    # Counted once at the end: row by row, each would look for its tally among all versions that one transaction makes.
    stage.admin.execute("SET session_replication_role = replica")
    for (key, name), weight in zip(real, weights, strict=True):
        many = CASES * weight // sum(weights)
        stem = name.rpartition("-")[0].rpartition("-")[0] + f"-{len(key)}{real.index((key, name))}"
        for table in TABLES:
            [columns] = stage.admin.execute(COLUMNS, [table]).fetchone() or [[]]
            names = [sql.Identifier(one) for one in columns]
            # Of a journal, which nothing here reads but for what happened last, the last entry is enough.
            last = "ORDER BY version DESC LIMIT 1" if table == "shared.journal" else ""
            stage.admin.execute(
                sql.SQL(COPY).format(
                    table=sql.SQL(table), columns=sql.SQL(", ").join(names), last=sql.SQL(last), key=key, name=name,
                    chosen=sql.SQL(", ").join(sql.SQL("new.{}").format(one) for one in names), stem=stem, many=many,
                    tenant=home, pattern=f"%{key}%",
                )
            )  # fmt: skip
    stage.admin.execute(sql.SQL(SPREAD).format(len(items), home))
    stage.admin.execute("DELETE FROM requests.tallies")
    stage.admin.execute(sql.SQL(TALLY).format(home))
    stage.admin.execute("SET session_replication_role = origin")
    stage.admin.execute("VACUUM ANALYZE")
    found = stage.admin.execute("SELECT id::text FROM requests.cases WHERE tenant_id = %s LIMIT %s", [home, DIFFERENT])
    return [key for [key] in found.fetchall()]


def _worked(cell: Cell, *, home: UUID, handler: UUID, item: str, steps: Sequence[Any]) -> tuple[str, str]:
    url = filed(cell, home, item)
    for action, body in steps:
        done(cell, home if action == "close" else handler, url, action, **body)
    return url.rpartition("/")[2], str(cell.client(home).get(url).json["number"])


def _questions(stage: Stage, keys: Sequence[str], *, home: UUID) -> dict[str, list[str]]:
    """What the API is asked, by its name; several of a kind, so that nothing is answered from memory."""
    found = stage.admin.execute(
        "SELECT number FROM requests.cases WHERE tenant_id = %s AND number LIKE '%%-X' LIMIT 9", [home]
    )
    numbers = [one for [one] in found.fetchall()]
    return {
        "cases": ["/v1/requests?count=true"],
        "cases, by last day": ["/v1/requests?sort=due_on&count=true"],
        "cases, by state": [f"/v1/requests?state={one}&count=true" for one in ("filed", "closed", "returned")],
        "cases, overdue": ["/v1/requests?overdue=true&count=true"],
        "cases, unclaimed": ["/v1/requests?unclaimed=true&state=filed&count=true"],
        "cases, by number": [f"/v1/requests?{urlencode({'q': one})}&count=true" for one in numbers],
        "cases, by beginning of number": [f"/v1/requests?{urlencode({'q': one[:-4]})}&count=true" for one in numbers],
        "cases, by name": ["/v1/requests?q=ksstb&count=true", f"/v1/requests?q={quote('事项12')}&count=true"],
        "cases, by a name that none has": [f"/v1/requests?q={quote('没有这个')}&count=true"],
        "one case": [f"/v1/requests/{key}" for key in keys],
        "work": ["/v1/work?for=tenant&count=true", "/v1/work?for=me&count=true"],
        "scoreboard of three years": [
            f"/v1/requests/scoreboard?since=2020-01-01&until=2030-01-01&role={role}" for role in ("home", "handler")
        ],
    }  # fmt: skip


def _pages(keys: Sequence[str], questions: dict[str, list[str]]) -> dict[str, list[str]]:
    """The pages that ask such questions."""
    lists = {name: [url for url in urls if "/v1/requests?" in url] for name, urls in questions.items()}
    console = {
        name: [url.replace("/v1/", "/console/").replace("&count=true", "") for url in urls]
        for name, urls in lists.items()
        if urls
    }
    return {
        **console,
        "one case": [f"/console/requests/{key}" for key in keys],
        "workbench": ["/console"],
        "search": [quote(f"/console/search?q={one}", safe=SAFE) for one in ("事项12", "kuasheng", "SICHUAN")],
    }  # fmt: skip


@contextmanager
def _statements() -> Iterator[list[float]]:
    """Milliseconds of each statement that is run within, as the process that waits for it sees them."""
    began, spent = list[float](), list[float]()

    def begin(*_given: Any) -> None:
        began.append(time.perf_counter())

    def end(*_given: Any) -> None:
        spent.append((time.perf_counter() - began.pop()) * 1000)

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Engine, "after_cursor_execute", end)
    try:
        yield spent
    finally:
        event.remove(Engine, "before_cursor_execute", begin)
        event.remove(Engine, "after_cursor_execute", end)


def _spent(client: Client, urls: Sequence[str]) -> dict[str, float]:
    """One after the other; the first of each are not counted. Raises for what is not answered."""
    found = list[float]()
    for turn in range(WARM + REPEATS):
        with _statements() as spent:
            answer = client.get(urls[turn % len(urls)])
        if answer.status_code != 200:
            raise RuntimeError(f"{urls[turn % len(urls)]}: {answer.json}")
        found.append(sum(spent))
    points = statistics.quantiles(found[WARM:], n=20)
    return {"p50": points[9], "p95": points[18]}
