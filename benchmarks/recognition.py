"""Measures the check among a million certificates, beside the same look-ups by primary key alone."""

from __future__ import annotations

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy.dialects import postgresql
from stdnum.iso7064 import mod_37_36

from deploy.local.stack import Stack
from services.registry import SERVICES
from services.standards.commands.checks import keep_checks
from services.standards.domain.dry_run import InForce
from services.standards.domain.numbers import ALPHABET, RANDOM
from services.standards.models import certificate_id
from services.standards.queries.as_known import EVERYTHING, NEWEST, RECOGNITIONS
from services.standards.queries.checking import Inquiry, answers
from services.standards.queries.dry_run import dry_run
from shared.core.calendar import day_of, start_of
from shared.core.settings import KNOWN, Settings
from shared.database.migrating import migrate
from shared.messaging.kafka import create_topics
from tests.builders.cell import Cell
from tests.standards.given import (
    YEAR,
    code_of,
    given_body,
    given_certificate,
    given_recognition,
    given_standard,
    grant,
    item,
)

CERTIFICATES = int(os.environ.get("CERTIFICATES", "1000000"))
CHECKS = int(os.environ.get("CHECKS", "20000"))
"""Logged checks that the dry run examines."""
REPEATS, BULK, BULKS = 2000, 1000, 10
STANDARDS, BODIES, NEIGHBOURS = 5, 20, 40
UNLIMITED = {f"XIETONG_{name}_PER_MINUTE": "600000" for name in ("REQUESTS", "CLIENT_REQUESTS")}
LOAD = """
INSERT INTO standards.certificates_register (id, epoch, version, entry_hash, state, entry, signature, received_at)
SELECT made.id, 1, 1, encode(sha256(made.number::bytea), 'hex'),
  known.state || jsonb_build_object('number', made.number, 'body_id', made.body, 'standard_id', made.standard),
  convert_to(replace(convert_from(known.entry, 'UTF8'), %(number)s, made.number), 'UTF8'), known.signature,
  known.received_at
FROM made, standards.certificates_register AS known WHERE known.id = %(template)s ORDER BY made.id"""
HISTORY = """
INSERT INTO shared.register_entries (id, kind, epoch, version, state, entry, signature, received_at)
SELECT id, 'standards.certificate', epoch, version, state, entry, signature, received_at
FROM standards.certificates_register WHERE id <> %(template)s ORDER BY id"""
SIZES = """
SELECT relname, pg_table_size(oid) >> 20, pg_indexes_size(oid) >> 20 FROM pg_class
WHERE oid = ANY (ARRAY['standards.certificates_register'::regclass, 'shared.register_entries'::regclass])"""
BY_KEY = "SELECT state FROM {} WHERE id = %s"
BY_KEYS = "SELECT id, state FROM {} WHERE id = ANY(%s)"
TABLES = tuple(f"standards.{name}_register" for name in ("certificates", "bodies", "standards"))
OURS = "SELECT items, spells FROM standards.recognitions WHERE tenant_id = %s AND recogniser = %s"


@dataclass(frozen=True)
class World:
    """Everything in place: `here` asks about certificates of `there`."""

    cell: Cell
    owner: str
    here: UUID
    there: UUID
    standards: Sequence[UUID]
    bodies: Sequence[UUID]
    numbers: Sequence[str]


def made_numbers(code: str) -> Iterator[str]:
    """As `new_number`, but quick and the same each time."""
    rng = random.Random(7)
    for _number in range(CERTIFICATES):
        body = f"{code.upper()}-2026-{''.join(rng.choices(ALPHABET, k=RANDOM))}"
        yield f"{body}-{mod_37_36.calc_check_digit(body.replace('-', ''))}"


def world(cell: Cell, owner: str) -> World:
    """Two tenants, their recognition, and a million certificates in the register and in its history."""
    here, there = cell.tenant("sichuan"), cell.tenant("chongqing")
    standards = [given_standard(cell, there) for _standard in range(STANDARDS)]
    granted = [grant(standards[0], day_of(cell.clock.now()), standards=[str(one) for one in standards])]
    bodies = [given_body(cell, there, standards[0], grants=granted) for _body in range(BODIES)]
    held = [item(one, cell.clock.now() - YEAR) for one in standards]
    given_recognition(cell, here, there, standard=standards[0], items=held)
    for _neighbour in range(NEIGHBOURS):
        given_recognition(cell, here, cell.tenant("neighbour"), standard=standards[0])
    number = given_certificate(cell, there, bodies[0], standard=standards[0])
    numbers = list(made_numbers(code_of(cell, there)))
    made = World(cell, owner, here, there, standards, bodies, numbers)
    load(made, number)
    # What no beat has vouched for counts as not known.
    cell.tick()
    cell.carry()
    return made


def load(made: World, number: str) -> None:
    """Copies of one real certificate under other numbers, as the owner of the tables."""
    template = {"template": certificate_id(made.there, number), "number": number}
    with psycopg.connect(made.owner, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE made (id uuid, number text, body uuid, standard uuid)")
        with connection.cursor().copy("COPY made FROM STDIN") as copy:
            for place, one in enumerate(made.numbers):
                of = made.bodies[place % BODIES], made.standards[place % STANDARDS]
                copy.write_row((certificate_id(made.there, one), one, *of))
        connection.execute(LOAD, template)
        connection.execute(HISTORY, {"template": template["template"]})
        for table in (*TABLES, "shared.register_entries", "standards.recognitions", "shared.journal"):
            connection.execute(f"VACUUM ANALYZE {table}")


def timed(once: Callable[[str], object], numbers: Sequence[str]) -> dict[str, float]:
    """Milliseconds, p50 and p99, over numbers at random; `own` is time of this process, undisturbed by others."""
    spent, began_all = [], time.process_time()
    for number in numbers:
        began = time.perf_counter()
        once(number)
        spent.append((time.perf_counter() - began) * 1000)
    ordered = statistics.quantiles(spent[len(spent) // 10 :], n=100)
    own = (time.process_time() - began_all) * 1000 / len(numbers)
    return {"p50 ms": ordered[49], "p99 ms": ordered[98], "own ms": own}


def measured(made: World) -> dict[str, dict[str, float]]:
    """One check, by each way, and a thousand at once."""
    rng = random.Random(11)
    some = rng.sample(made.numbers, min(REPEATS, len(made.numbers)))
    lots = [rng.sample(made.numbers, BULK) for _bulk in range(BULKS)]
    headers = {"Authorization": f"Bearer {made.cell.token(made.here)}"}
    flask = made.cell.app.test_client()

    def asked(numbers: Sequence[str]) -> None:
        with made.cell.session(made.here) as session:
            found = answers(session, [Inquiry(number=number, tenant=made.here) for number in numbers])
        if not all(answer.counts for answer in found):
            raise RuntimeError(found[0])

    def by_http(number: str) -> None:
        answer = flask.get(f"/v1/recognitions/check?certificate={number}", headers=headers)
        if answer.status_code != 200 or not answer.json["counts"]:
            raise RuntimeError(answer.json)

    def bulk_by_http(numbers: Sequence[str]) -> None:
        items = [{"certificate": number} for number in numbers]
        keyed = {**headers, "Idempotency-Key": str(rng.random())}
        answer = flask.post("/v1/recognitions/checks", json={"items": items}, headers=keyed)
        if answer.status_code != 200 or not answer.json["results"][0]["counts"]:
            raise RuntimeError(answer.json)

    with psycopg.connect(made.cell.settings.url("app")) as raw:
        return {
            "one: primary keys alone": timed(lambda number: floor(raw, made, number), some),
            "one: the query": timed(lambda number: asked([number]), some),
            "one: the whole request": timed(by_http, some[: REPEATS // 2]),
            "1,000: primary keys alone": timed(lambda numbers: floor_of_many(raw, made, numbers), lots),
            "1,000: the query": timed(asked, lots),  # type: ignore[arg-type]
            "1,000: the whole request": timed(bulk_by_http, lots),  # type: ignore[arg-type]
        }


def bound(raw: psycopg.Connection[Any], made: World) -> None:
    """The tenant of the transaction, as every session says it."""
    bind = "SELECT set_config('app.tenant_id', %s, true), set_config('app.scope', 'tenant', true)"
    raw.execute(bind, [str(made.here)])


def floor(raw: psycopg.Connection[Any], made: World, number: str) -> None:
    """The same rows by plain statements, nothing made of them."""
    with raw.transaction():
        bound(raw, made)
        [state] = raw.execute(BY_KEY.format(TABLES[0]), [certificate_id(made.there, number)]).fetchone() or [{}]
        raw.execute(BY_KEY.format(TABLES[1]), [state["body_id"]]).fetchone()
        raw.execute(BY_KEY.format(TABLES[2]), [state["standard_id"]]).fetchone()
        raw.execute(OURS, [made.here, made.here]).fetchall()


def floor_of_many(raw: psycopg.Connection[Any], made: World, numbers: Any) -> None:
    """A thousand at once."""
    with raw.transaction():
        bound(raw, made)
        ids = [certificate_id(made.there, number) for number in numbers]
        states = [row[1] for row in raw.execute(BY_KEYS.format(TABLES[0]), [ids])]
        for table, name in ((TABLES[1], "body_id"), (TABLES[2], "standard_id")):
            raw.execute(BY_KEYS.format(table), [list({UUID(state[name]) for state in states})]).fetchall()
        raw.execute(OURS, [made.here, made.here]).fetchall()


def measured_dry_run(made: World) -> dict[str, float]:
    """Logged checks asked again under a supposition, and how many per second."""
    now, rng = made.cell.clock.now(), random.Random(13)
    common = {"asked_in": made.here, "asked_for": None, "as_of": now, "known_at": now, "asked_at": now, "counts": True}
    with made.cell.session(made.here) as session:
        keep_checks(session, [{**common, "number": rng.choice(made.numbers)} for _check in range(CHECKS)])
    began, since = time.perf_counter(), day_of(now)
    supposed = InForce.between(made.here, made.there, items=[], mutual=False, since=start_of(since))
    with made.cell.session(made.here) as session:
        found = dry_run(session, supposed, since=since)
    spent = time.perf_counter() - began
    return {"examined": found.outcome.examined, "seconds": spent, "per second": found.outcome.examined / spent}


def plans(made: World) -> dict[str, list[str]]:
    """Which index each statement uses, under row-level security, as the app role."""
    ids = [certificate_id(made.there, number) for number in random.Random(17).sample(made.numbers, BULK)]
    pair = {"ones": [min(made.here, made.there)], "others": [max(made.here, made.there)], "pair_moments": [NEWEST]}
    asked = {
        "one": (EVERYTHING, {"ids": ids[:1], "moments": [NEWEST], **pair}),
        "1,000": (EVERYTHING, {"ids": ids, "moments": [NEWEST] * BULK, **pair}),
        "recognitions": (RECOGNITIONS, pair),
        "recognitions, were they many": (RECOGNITIONS, pair),
    }
    found = {}
    with made.cell.session(made.here) as session:
        for name, (statement, given) in asked.items():
            if name.endswith("many"):
                session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
            compiled = statement.compile(dialect=postgresql.psycopg.dialect())
            explained = session.connection().exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS) {compiled}", {**compiled.params, **given}
            )
            lines = [row[0].strip() for row in explained]
            found[name] = [line for line in lines if " Scan" in line or "Execution Time" in line]
    return found


def sizes(made: World) -> dict[str, dict[str, float]]:
    """Megabytes of table and indexes, and of this process."""
    with psycopg.connect(made.owner) as connection:
        rows = connection.execute(SIZES).fetchall()
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    process = {"table MB": int(lines["VmRSS"].split()[0]) / 1024, "index MB": 0.0}
    return {**{name: {"table MB": table, "index MB": index} for name, table, index in rows}, "this process": process}


def shown(title: str, figures: dict[str, dict[str, float]]) -> Table:
    """A table of figures by name."""
    columns = list(dict.fromkeys(name for one in figures.values() for name in one))
    table = Table("", *columns, title=title)
    for name, one in figures.items():
        table.add_row(name, *(f"{one[column]:.2f}" for column in columns))
    return table


def report(made: World) -> None:
    """Measure and print; the figures also as one line of JSON."""
    figures, dry = measured(made), measured_dry_run(made)
    for name in ("one", "1,000"):
        bottom = figures[f"{name}: primary keys alone"]
        for way in ("the query", "the whole request"):
            one = figures[f"{name}: {way}"]
            one["p50 / floor"], one["p99 / floor"] = (one[key] / bottom[key] for key in ("p50 ms", "p99 ms"))
        bottom["p50 / floor"] = bottom["p99 / floor"] = 1.0
    console, found = Console(width=200), plans(made)
    console.print(shown(f"checks among {CERTIFICATES:,} certificates", figures), shown("size", sizes(made)))
    console.print(shown("dry run", {"": dry}))
    for name, lines in found.items():
        console.print(f"{name}:", *lines, sep="\n  ", markup=False, highlight=False)
    print(json.dumps({"checks": figures, "dry run": dry, "size": sizes(made)}))


def main() -> None:
    """On a stack of its own."""
    with tempfile.TemporaryDirectory(prefix="xietong-bench-") as folder:
        stack = Stack(Path(folder))
        try:
            environment = {**stack.start(), "XIETONG_LOG_LEVEL": "error", **UNLIMITED}
            migrate(environment["XIETONG_DATABASE_URL"], SERVICES)
            settings = Settings.load({name: value for name, value in environment.items() if name in KNOWN})
            create_topics(settings, SERVICES)
            cell = Cell(settings)
            began = time.perf_counter()
            made = world(cell, environment["XIETONG_DATABASE_URL"])
            print(f"loaded in {time.perf_counter() - began:.0f} s")
            report(made)
            cell.close()
        finally:
            stack.remove()


if __name__ == "__main__":
    main()
