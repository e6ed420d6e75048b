"""The import of 100,000 made-up organisations, beside `COPY` and upsert of the same rows with entries signed."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
from nacl.signing import SigningKey
from psycopg import sql

from benchmarks.api import PLAIN
from benchmarks.clients import Client, request
from benchmarks.processes import Meter
from benchmarks.stage import EVERYTHING, Stage, wait_until
from benchmarks.web import token_of, until_it_answers
from tests.organisations.builders import as_csv, made_up

ROWS = int(os.environ.get("ROWS", "100000"))
BAD = 100
"""Every so many rows one has a code whose check character does not fit."""
TOGETHER = 5_000
"""Rows of the floor that are copied at once."""
URL = "/v1/organisations/imports"
KEPT = """
SELECT to_jsonb(known), convert_from(entry, 'UTF8')::jsonb FROM organisations.organisations AS known
JOIN shared.journal AS kept ON kept.tenant_id = known.tenant_id AND aggregate_id = id
WHERE known.tenant_id = %s LIMIT 1"""
SETUP = """
DROP SCHEMA IF EXISTS plain CASCADE;
CREATE SCHEMA plain;
CREATE TABLE plain.organisations (LIKE organisations.organisations INCLUDING ALL);
CREATE TABLE plain.journal (LIKE shared.journal INCLUDING ALL);
CREATE TABLE plain.given (state jsonb, entry bytea, signature text);
"""
UPSERT = """
INSERT INTO plain.organisations ({columns}) SELECT {chosen} FROM plain.given,
LATERAL jsonb_populate_record(NULL::plain.organisations, state) AS new
ON CONFLICT (tenant_id, id) DO UPDATE SET ({columns}) = ROW ({excluded})"""
JOURNAL = """
INSERT INTO plain.journal SELECT (state ->> 'tenant_id')::uuid, (state ->> 'id')::uuid, 1, 1,
'organisations.organisation', 'organisations.organisation.registered.v1',
entry, signature, state, now(), now() FROM plain.given"""
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PLACES = {sign: place for place, sign in enumerate(CODE)}
WEIGHTS = [3**power % 31 for power in range(17)]


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Rows a second, request to the last row taken, of both; what a thousand rows cost."""
    content = file()
    with stage.running(EVERYTHING) as own:
        until_it_answers(stage)
        [tenant] = stage.tenants("importer")
        meter, began = Meter({**own, **stage.servers()}), time.perf_counter()
        found = imported(stage, tenant, content)
        ours = _rates(time.perf_counter() - began, meter)
    state, entry = stage.admin.execute(KEPT, [tenant]).fetchone() or ({}, {})
    stage.admin.execute(SETUP)
    meter, began = Meter({"own": os.getpid(), **stage.servers()}), time.perf_counter()
    with psycopg.connect(stage.stack.admin_url) as connection:
        Plain(connection, state, entry, stage.one(PLAIN, "organisations.organisations")).run(content)
    floor = _rates(time.perf_counter() - began, meter)
    return [{"floor": floor, "platform": {**ours, "registered": found["registered"], "refused": found["refused"]}}]


def _rates(seconds: float, meter: Meter) -> dict[str, Any]:
    cost = {name: spent * 1000 / ROWS for name, spent in meter.spent().items()}
    return {"rate": ROWS / seconds, "seconds": seconds, "cpu": {**cost, "sum": sum(cost.values())}}


def file() -> bytes:
    """Rows as CSV, one bad one in a hundred."""
    rows = list(made_up(ROWS))
    for number in range(BAD - 1, ROWS, BAD):
        code = rows[number]["code"]
        rows[number]["code"] = code[:-1] + ("0" if code[-1] != "0" else "1")
    return as_csv(rows)


def imported(stage: Stage, tenant: UUID, content: bytes) -> dict[str, Any]:
    """Upload it, have it examined and taken by the platform; returns the import once it is done."""
    client, token = Client(stage.settings.web), token_of(stage, tenant)
    kept = _done(client, request("POST", "/v1/files", token, body=content, headers=["Content-Type: text/csv"]))
    body = json.dumps({"file": kept["sha256"], "dry_run": False}).encode()
    begun = _done(client, request("POST", URL, token, body=body, headers=(f"Idempotency-Key: {uuid4().hex}",)))

    def state() -> dict[str, Any]:
        client = Client(stage.settings.web)
        found = _done(client, request("GET", f"{URL}/{begun['id']}", token_of(stage, tenant)))
        client.close()
        return found

    wait_until(lambda: state()["state"] == "done", every=0.5, longest=1800.0)
    return state()


def _done(client: Client, given: bytes) -> dict[str, Any]:
    status, answer = client.ask(given)
    if status >= 400:
        raise RuntimeError(f"{status}: {answer.decode()}")
    found: dict[str, Any] = json.loads(answer)
    return found


@dataclass
class Plain:
    """The floor: one process reads, checks, signs, copies and upserts; `row` and `entry` are what the platform made."""

    connection: psycopg.Connection[Any]
    row: Mapping[str, Any]
    entry: Mapping[str, Any]
    columns: Sequence[str]
    key: SigningKey = field(default_factory=SigningKey.generate)

    def run(self, content: bytes) -> None:
        """In parts, each of them a transaction."""
        lines = csv.DictReader(io.StringIO(content.decode()))
        while rows := list(itertools.islice(lines, TOGETHER)):
            with self.connection.transaction():
                self._take([made for row in rows if _fits(row["code"]) for made in [self._made(row)]])

    def _made(self, given: Mapping[str, str]) -> tuple[str, bytes, str]:
        key = str(uuid4())
        row = {
            **self.row, "id": key, "code": given["code"], "name_zh": given["name_zh"],
            "name_en": given["name_en"] or None, "organisation_kind": given["kind"], "division": given["division"],
            "sectors": [given["sectors"]],
        }  # fmt: skip
        stated = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
        entry = {**self.entry, "aggregate": key, "state_hash": hashlib.sha256(stated).hexdigest()}
        signed = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
        return stated.decode(), signed, urlsafe_b64encode(self.key.sign(signed).signature).decode().rstrip("=")

    def _take(self, made: Sequence[tuple[str, bytes, str]]) -> None:
        self.connection.execute("TRUNCATE plain.given")
        with self.connection.cursor().copy("COPY plain.given FROM STDIN") as copy:
            for line in made:
                copy.write_row(line)
        names = [sql.Identifier(name) for name in self.columns]
        chosen, excluded = ([sql.SQL(f"{table}.{{}}").format(name) for name in names] for table in ("new", "excluded"))
        joined: dict[str, list[Any]] = {"columns": names, "chosen": chosen, "excluded": excluded}
        self.connection.execute(
            sql.SQL(UPSERT).format(**{name: sql.SQL(", ").join(one) for name, one in joined.items()})
        )
        self.connection.execute(JOURNAL)


def _fits(code: str) -> bool:
    """Whether the check character is that of GB 32100."""
    if len(code) != 18:
        return False
    total = sum(PLACES.get(sign, 0) * weight for sign, weight in zip(code, WEIGHTS, strict=False))
    return CODE[-total % 31] == code[-1]
