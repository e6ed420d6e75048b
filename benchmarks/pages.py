"""Pages of the console and the portal, where one province keeps as much as the largest ever will.

Its organisations are imported. Of parks and certificates one each is real; all its rows are written again under other
names, as often as is asked for. The copies are not signed, which no page asks for.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid4

from psycopg import sql

from benchmarks.checking import numbers
from benchmarks.clients import END, Client
from benchmarks.importing import file, imported
from benchmarks.stage import EVERYTHING, Stage
from benchmarks.web import until_it_answers, web
from services.standards.models import certificate_id
from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user
from tests.builders.officials import active
from tests.standards import given

PARKS = int(os.environ.get("PARKS", "10000"))
SAFE = "/?&=-_"
REPEATS, DIFFERENT, WARM = 60, 20, 3
TABLES = """
SELECT format('%I.%I', table_schema, table_name), array_agg(column_name::text ORDER BY ordinal_position)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema IN ('shared', 'parks', 'standards') AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
  AND table_name <> ALL(ARRAY['outbox', 'broadcasts', 'broadcast_logs', 'audit', 'audit_inbox'])
GROUP BY table_schema, table_name"""
KNOWN = """
CREATE TEMPORARY TABLE known AS SELECT to_jsonb(one)::text AS row FROM {table} AS one
WHERE to_jsonb(one)::text LIKE {pattern}"""
COPY = """
INSERT INTO {table} ({columns}) SELECT {chosen} FROM known, made,
LATERAL jsonb_populate_record(NULL::{table}, {renamed}::jsonb) AS new ON CONFLICT DO NOTHING"""
PARTS = "SELECT DISTINCT aggregate_id::text FROM shared.journal WHERE state::text LIKE %s"
PAINT = """() => new Promise(done => new PerformanceObserver(
    list => list.getEntriesByName('first-contentful-paint').forEach(one => done(one.startTime))
).observe({type: 'paint', buffered: true}))"""


class World(NamedTuple):
    """A province at work, somebody who has a cookie for its console, and the keys of what pages show."""

    tenant: UUID
    cookie: str
    keys: Mapping[str, Sequence[str]]


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Milliseconds of each page, p50 and p95, and until the browser first paints the portal's map."""
    with stage.running(EVERYTHING):
        until_it_answers(stage)
        [tenant, other] = stage.tenants("sichuan", "chongqing")
        imported(stage, tenant, file())
        stage.settle()
    cell = Cell(stage.settings)
    world = _world(cell, stage, tenant=tenant, other=other)
    cell.close()
    with web(stage):
        pages = {name: asked(stage, world.cookie, urls) for name, urls in _urls(world).items()}
        paint = _painted(stage)
    return [{"pages": pages, "paint": paint}]


def _world(cell: Cell, stage: Stage, *, tenant: UUID, other: UUID) -> World:
    park = active(cell, tenant, other).rpartition("/")[2]
    name = str(stage.one("SELECT name_zh FROM parks.parks WHERE id = %s LIMIT 1", park))
    parks = [(str(uuid4()), f"联合园区{number}") for number in range(PARKS)]
    _copied(stage, park, name, made=parks)
    standard = given.given_standard(cell, tenant)
    number = given.given_certificate(cell, tenant, given.given_body(cell, tenant, standard), standard=standard)
    certificates = [(str(certificate_id(tenant, one)), one) for one in numbers(given.code_of(cell, tenant))]
    _copied(stage, str(certificate_id(tenant, number)), number, made=certificates)
    stage.admin.execute("VACUUM ANALYZE")
    # What no beat has vouched for counts as not known.
    cell.tick()
    cell.carry()
    listed = stage.admin.execute("SELECT id::text FROM organisations.organisations WHERE tenant_id = %s", [tenant])
    return World(
        tenant,
        cookie_of(cell, tenant),
        {
            "parks": [key for key, _name in parks[:DIFFERENT]],
            "certificates": [key for key, _number in certificates[:DIFFERENT]],
            "organisations": [key for [key] in listed.fetchall()[:DIFFERENT]],
        },
    )


def _copied(stage: Stage, key: str, name: str, *, made: Iterable[tuple[str, str]]) -> None:
    """Each row that names the thing `key`, again for each of `made`: its key and what it is called."""
    admin = stage.admin
    with admin.transaction():
        admin.execute("CREATE TEMPORARY TABLE made (key text, name text) ON COMMIT DROP")
        with admin.cursor().copy("COPY made FROM STDIN") as copy:
            for row in made:
                copy.write_row(row)
        parts = [one for [one] in admin.execute(PARTS, [f"%{key}%"]).fetchall() if one != key]
        renamed = sql.SQL("replace(replace(row, {}, made.key), {}, made.name)").format(key, name)
        for part in parts:
            renamed = sql.SQL("replace({}, {}, md5({} || made.key)::uuid::text)").format(renamed, part, part)
        for table, columns in admin.execute(TABLES).fetchall():
            admin.execute(sql.SQL(KNOWN).format(table=sql.SQL(table), pattern=f"%{key}%"))
            names = [sql.Identifier(one) for one in columns]
            chosen = [sql.SQL("new.{}").format(one) for one in names]
            written = {"columns": sql.SQL(", ").join(names), "chosen": sql.SQL(", ").join(chosen)}
            admin.execute(sql.SQL(COPY).format(table=sql.SQL(table), renamed=renamed, **written))
            admin.execute("DROP TABLE known")


def cookie_of(cell: Cell, tenant: UUID) -> str:
    """Of an official who has signed in at the console."""
    desk = Desk(cell, make_user(cell, tenant, "official", "signatory"))
    desk.get("/console")
    [kept] = [one for one in desk.browser._cookies.values() if one.key.endswith("console")]  # noqa: SLF001 - no other way
    return f"{kept.key}={kept.value}"


def _urls(world: World) -> dict[str, list[str]]:
    """The addresses of each sort of page."""
    console = {
        "workbench": [""], "parks": ["/parks"], "parks, searched": ["/parks?q=lianheyuanqu77", "/parks?q=园区123"],
        "parks, filtered": ["/parks?state=active&sort=-updated_at"], "organisations": ["/organisations"],
        "organisations, searched": ["/organisations?q=huarui", "/organisations?q=华瑞", "/organisations?q=schr"],
        "organisations, filtered": ["/organisations?kind=testing_body"], "certificates": ["/certificates"],
        "certificates, filtered": ["/certificates?state=valid"], "new park": ["/parks/new"],
        "search": ["/search?q=华瑞", "/search?q=园区12", "/search?q=7K3M"], "calendar": ["/calendar"],
        "notifications": ["/notifications"], "recognition check": ["/recognition"],
        **{f"one of {name}": [f"/{name}/{key}" for key in keys] for name, keys in world.keys.items()},
    }  # fmt: skip
    public = ["/", "/jurisdictions", "/parks", "/standards", "/bodies", "/consultations", "/open-data", "/status"]
    urls = {name: [f"/console{quote(one, safe=SAFE)}" for one in found] for name, found in console.items()}
    return urls | {f"portal {one}": [one] for one in public}


def asked(stage: Stage, cookie: str, urls: Sequence[str]) -> dict[str, float]:
    """One after the other; the first of each are not counted. Raises for a page that is not there."""
    client, spent = Client(stage.settings.web), list[float]()
    for turn in range(WARM + REPEATS):
        lines = [f"GET {urls[turn % len(urls)]} HTTP/1.1", "Host: bench", "Accept: text/html", "Accept-Encoding: gzip"]
        began = time.perf_counter()
        status, answer = client.ask("\r\n".join([*lines, f"Cookie: {cookie}"]).encode() + END)
        spent.append((time.perf_counter() - began) * 1000)
        if status != 200:
            raise RuntimeError(f"{urls[turn % len(urls)]}: {status}: {answer[:500]!r}")
    points = statistics.quantiles(spent[WARM:], n=20)
    return {"p50": points[9], "p95": points[18]}


def _painted(stage: Stage) -> dict[str, float]:
    """Milliseconds until anything of the portal's map is seen in a browser that was never there, the middle of five."""
    found = []
    with chromium() as browser:
        for _turn in range(5):
            page = browser.new_page()
            page.goto(f"http://{stage.settings.web}/")
            found.append(page.evaluate(PAINT))
            page.context.close()
    return {"p50": statistics.median(found)}
