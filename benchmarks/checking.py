"""The check of one certificate among a million, whole request, beside four selects by primary key in a bare route."""

from __future__ import annotations

import json
import os
import random
import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from stdnum.iso7064 import mod_37_36

from benchmarks.clients import Client, request
from benchmarks.processes import Meter
from benchmarks.stage import WEB, Stage
from benchmarks.web import BARE, Served, asked, key_of, token_of, web
from services.standards.models import certificate_id
from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.standards import given

CERTIFICATES = int(os.environ.get("CERTIFICATES", "1000000"))
ASKED = 4_000
STANDARDS, BODIES, RANDOM = 5, 20, 12
SECONDS, WARM = 6.0, 2.0
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DRAWN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NEXT = {
    state: {sign: ((state or 36) * 2 % 37 + SIGNS.index(sign)) % 36 for sign in DRAWN} for state in range(36)
}  # fmt: skip
"""ISO/IEC 7064, MOD 37,36, as a table: a million check characters in seconds."""
HISTORY = """
INSERT INTO shared.register_entries (id, kind, epoch, version, state, entry, signature, received_at)
SELECT made.id, known.kind, 1, 1, known.state || jsonb_build_object('number', made.number, 'body_id', made.body,
'standard_id', made.standard),
convert_to(replace(convert_from(known.entry, 'UTF8'), %(number)s, made.number), 'UTF8'), known.signature,
known.received_at FROM made, shared.register_entries AS known WHERE known.id = %(template)s ORDER BY made.id"""
REGISTER = """
INSERT INTO standards.certificates_register (id, epoch, version, entry_hash, state, entry, signature, received_at)
SELECT id, epoch, version, encode(sha256(entry), 'hex'), state, entry, signature, received_at
FROM shared.register_entries WHERE id = ANY(%s)"""
READ = ("shared.register_entries", "standards.certificates_register", "standards.recognitions", "shared.journal")


class World(NamedTuple):
    """`here` asks about certificates of `there`, which it recognises."""

    here: UUID
    there: UUID
    recognition: UUID
    numbers: Sequence[str]


def measure(stage: Stage, rounds: int) -> list[dict[str, Any]]:
    """Milliseconds, p50 and p95, of one who asks one question after the other."""
    cell = Cell(stage.settings)
    world = _world(cell, stage)
    cell.close()
    token = token_of(stage, world.here)
    floor = {
        "BARE_KEY": key_of(stage, token),
        "BARE_HOME": str(world.there),
        "BARE_RECOGNITION": str(world.recognition),
    }
    lanes = {"floor": Served(BARE, "/check", floor), "platform": Served(WEB, "/v1/recognitions/check", {})}
    return [
        {name: _round(stage, lane, token_of(stage, world.here), world.numbers) for name, lane in lanes.items()}
        for _round_number in range(rounds)
    ]


def _world(cell: Cell, stage: Stage) -> World:
    here, there = cell.tenant("sichuan"), cell.tenant("chongqing")
    standards = [given.given_standard(cell, there) for _standard in range(STANDARDS)]
    granted = [given.grant(standards[0], day_of(cell.clock.now()), standards=[str(one) for one in standards])]
    bodies = [given.given_body(cell, there, standards[0], grants=granted) for _body in range(BODIES)]
    held = [given.item(one, cell.clock.now() - given.YEAR) for one in standards]
    recognition = given.given_recognition(cell, here, there, standard=standards[0], items=held)
    number = given.given_certificate(cell, there, bodies[0], standard=standards[0])
    made = list(numbers(given.code_of(cell, there)))
    _load(stage, there, number, [(one, bodies[at % BODIES], standards[at % STANDARDS]) for at, one in enumerate(made)])
    # What no beat has vouched for counts as not known.
    cell.tick()
    cell.carry()
    some = random.Random(11).sample(made, min(ASKED, len(made)))
    stage.admin.execute(REGISTER, [[certificate_id(there, one) for one in some]])
    for table in READ:
        stage.admin.execute(f"VACUUM ANALYZE {table}")
    return World(here, there, recognition, some)


def numbers(code: str) -> Iterator[str]:
    """As the platform makes them, but the same each time."""
    rng, start = random.Random(7), f"{code.upper()}-2026-"
    begun = mod_37_36.checksum(start.replace("-", ""))
    for _number in range(CERTIFICATES):
        drawn, state = "".join(rng.choices(DRAWN, k=RANDOM)), begun
        for sign in drawn:
            state = NEXT[state][sign]
        yield f"{start}{drawn}-{SIGNS[(1 - (state or 36) * 2 % 37) % 36]}"


def _load(stage: Stage, home: UUID, number: str, rows: Sequence[tuple[str, UUID, UUID]]) -> None:
    """Copies of one real certificate under other numbers, in the register's history, from which checks are answered."""
    with psycopg.connect(stage.stack.admin_url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE made (id uuid, number text, body uuid, standard uuid)")
        with connection.cursor().copy("COPY made FROM STDIN") as copy:
            for one, body, standard in rows:
                copy.write(f"{certificate_id(home, one)}\t{one}\t{body}\t{standard}\n")
        connection.execute(HISTORY, {"template": certificate_id(home, number), "number": number})


def _question(path: str, token: str, numbers: Sequence[str], at: int) -> bytes:
    return request("GET", f"{path}?certificate={numbers[at % len(numbers)]}", token)


def _round(stage: Stage, lane: Served, token: str, numbers: Sequence[str]) -> dict[str, Any]:
    question = partial(_question, lane.path, token, numbers)
    with web(stage, lane.argv, **lane.environment) as pids:
        _status, answer = Client(stage.settings.web).ask(question(0))
        if lane.argv == WEB and not json.loads(answer)["counts"]:
            raise RuntimeError(answer.decode())
        asked(stage, [question], seconds=WARM, least=100)
        meter = Meter({**pids, "postgres": stage.servers()["postgres"]})
        found = asked(stage, [question], seconds=SECONDS, least=300)
        count = found.statuses[200]
        cost = {name: spent * 1000 / count for name, spent in meter.spent().items()}
    points = statistics.quantiles(found.times, n=20)
    return {"p50": points[9], "p95": points[18], "cpu": {**cost, "sum": sum(cost.values())}}
