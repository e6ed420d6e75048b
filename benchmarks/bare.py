"""The floor of requests: Flask and psycopg without a framework of ours, for gunicorn (`benchmarks.bare:app`).

A token is read with the standard library and verified with PyNaCl; the transaction is bound to its tenant, so that
row-level security applies; the SQL is that of the platform's request, and nothing else is done. Writes go to copies of
the platform's tables, with the same indexes and policies, and carry as many bytes as the platform's.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask, request
from nacl.signing import VerifyKey
from psycopg.rows import dict_row
from psycopg.types.json import Json

from services.standards.models import certificate_id

SETUP = """
CREATE SCHEMA IF NOT EXISTS bare;
GRANT USAGE ON SCHEMA bare TO xietong_app;
"""
COPY = """
CREATE TABLE bare.{name} (LIKE {schema}.{name} INCLUDING ALL);
ALTER TABLE bare.{name} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON bare.{name} USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON bare.{name} TO xietong_app;
"""
COPIED = {"parks": "parks", "journal": "shared", "outbox": "shared"}
BIND = "SELECT set_config('app.tenant_id', %s, true), set_config('app.scope', 'tenant', true)"
READ = "SELECT * FROM parks.parks WHERE tenant_id = %s AND id = %s"
LOCK = "SELECT * FROM bare.parks WHERE tenant_id = %s AND id = %s FOR UPDATE"
UPDATE = """
UPDATE bare.parks SET version = %s, updated_at = %s, entry_hash = %s, sectors = %s WHERE tenant_id = %s AND id = %s"""
JOURNAL = """
INSERT INTO bare.journal (tenant_id, aggregate_id, epoch, version, kind, type, entry, signature, state, occurred_at,
recorded_at) VALUES (%s, %s, 1, %s, 'parks.park', 'parks.park.revised.v1', %s, %s, %s, %s, %s)"""
OUTBOX = """
INSERT INTO bare.outbox (tenant_id, service, topic, key, value, created_at)
VALUES (%s, 'parks', 'cell1.parks.events', %s, %s, %s)"""
NOTIFY = "SELECT pg_notify('bare', 'parks')"
BY_KEY = "SELECT id, state FROM shared.register_entries WHERE id = %s ORDER BY epoch DESC, version DESC LIMIT 1"
RECOGNITION = "SELECT items, spells FROM standards.recognitions WHERE tenant_id = %s AND id = %s"

app = Flask(__name__)
# The platform's class of gunicorn workers asks for it when operators ask whether the process is ready.
app.extensions["database"] = None
given = os.environ
key = VerifyKey(base64.urlsafe_b64decode(given.get("BARE_KEY", "A" * 43) + "="))
audience, issuer = given.get("XIETONG_AUDIENCE"), given.get("XIETONG_ISSUER")
entry, message = b"x" * int(given.get("BARE_ENTRY", "900")), b"x" * int(given.get("BARE_MESSAGE", "1700"))
home, recognition = (UUID(given.get(name, str(UUID(int=0)))) for name in ("BARE_HOME", "BARE_RECOGNITION"))
kept = threading.local()


def connection() -> psycopg.Connection[dict[str, Any]]:
    """One for each thread, as the app role."""
    found: psycopg.Connection[dict[str, Any]] | None = getattr(kept, "connection", None)
    if found is None:
        found = psycopg.connect(given["XIETONG_APP_DATABASE_URL"], row_factory=dict_row, autocommit=True)
        kept.connection = found
    return found


def decoded(part: str) -> bytes:
    """Of base64url without padding."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def tenant() -> str:
    """Whose token it is; raises when it is not signed by the one key, or for somebody else, or over."""
    signed, _, signature = request.headers["Authorization"].removeprefix("Bearer ").rpartition(".")
    key.verify(signed.encode(), decoded(signature))
    claims = json.loads(decoded(signed.partition(".")[2]))
    if claims["iss"] != issuer or claims["aud"] != audience or claims["exp"] < time.time():
        raise PermissionError
    return str(claims["tenant"])


def shown(row: dict[str, Any] | None) -> Any:
    """As JSON."""
    return app.response_class(json.dumps(row, default=str, ensure_ascii=False), mimetype="application/json")


@app.get("/parks/<park>")
def read(park: str) -> Any:
    """One row by its key."""
    here, database = tenant(), connection()
    with database.transaction():
        database.execute(BIND, [here])
        return shown(database.execute(READ, [here, park]).fetchone())


@app.patch("/parks/<park>")
def write(park: str) -> Any:
    """The row's next version, with its journal entry and its message."""
    here, database, now = tenant(), connection(), datetime.now(UTC)
    sectors = json.loads(request.get_data())["sectors"]
    with database.transaction():
        database.execute(BIND, [here])
        row = database.execute(LOCK, [here, park]).fetchone() or {}
        row |= {"version": row["version"] + 1, "sectors": sectors, "updated_at": now}
        state = Json(row, dumps=lambda value: json.dumps(value, default=str, ensure_ascii=False))
        with database.pipeline():
            database.execute(UPDATE, [row["version"], now, "0" * 64, sectors, here, park])
            database.execute(JOURNAL, [here, park, row["version"], entry, "0" * 86, state, now, now])
            database.execute(OUTBOX, [here, park, message, now])
            database.execute(NOTIFY)
    return shown(row)


@app.get("/check")
def check() -> Any:
    """A certificate, its body, its standard and the recognition, each by its primary key."""
    here, database = tenant(), connection()
    with database.transaction():
        database.execute(BIND, [here])
        certificate = certificate_id(home, request.args["certificate"])
        found = database.execute(BY_KEY, [certificate]).fetchone() or {}
        body = database.execute(BY_KEY, [found["state"]["body_id"]]).fetchone()
        standard = database.execute(BY_KEY, [found["state"]["standard_id"]]).fetchone()
        recognised = database.execute(RECOGNITION, [here, recognition]).fetchone()
    return shown({"certificate": found, "body": body, "standard": standard, "recognition": recognised})
