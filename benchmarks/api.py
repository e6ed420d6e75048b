"""Reading and writing one park over HTTP, beside the same SQL in a bare route under the same gunicorn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql

from benchmarks import bare
from benchmarks.clients import Asked, Client, request
from benchmarks.processes import Meter
from benchmarks.stage import CARRIERS, WEB, Stage
from benchmarks.web import BARE, Served, asked, constant, key_of, token_of, web

CLIENTS = 8
SECONDS, WARM = 5.0, 1.0
MATCH = "If-Match: *"
PLAIN = """
SELECT array_agg(attname::text) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped"""
SIZES = """
SELECT octet_length(entry), octet_length(value) FROM shared.journal JOIN shared.outbox ON key = aggregate_id
WHERE aggregate_id = %s ORDER BY version DESC, id DESC LIMIT 1"""


def measure(stage: Stage, rounds: int) -> list[dict[str, Any]]:
    """Requests a second of several clients, and what a thousand of them cost, of both."""
    with stage.running(CARRIERS):
        home, party = stage.tenants("home", "party")
        stage.settle()
    token = token_of(stage, home)
    with web(stage):
        parks = [drafted(stage, token, home, party) for _client in range(CLIENTS)]
        revise(Client(stage.settings.web), parks[0], token, 0)
    entry, message = sizes(stage, parks[0])
    given = {"BARE_KEY": key_of(stage, token), "BARE_ENTRY": str(entry), "BARE_MESSAGE": str(message)}
    _copied(stage, parks)
    lanes = {"floor": Served(BARE, "/parks/", given), "platform": Served(WEB, "/v1/parks/", {})}
    return [
        {name: _round(stage, lane, token_of(stage, home), parks) for name, lane in lanes.items()}
        for _round_number in range(rounds)
    ]


def sizes(stage: Stage, park: str) -> tuple[int, int]:
    """Bytes of the newest entry of a park, and of the message that carries it; the relay must rest."""
    [(entry, message)] = stage.admin.execute(SIZES, [park]).fetchall()
    return entry, message


def drafted(stage: Stage, token: str, *parties: UUID) -> str:
    """A new park of these parties, by the API; the web process must run."""
    body = {
        "name_zh": f"性能园区{uuid4().hex[:6]}", "name_en": "Measured park", "kind": "joint", "location": "511623",
        "area_km2": "262", "sectors": ["新能源汽车配套"],
        "parties": [{"tenant": str(party), "role": "host"} for party in parties],
    }  # fmt: skip
    keyed = (f"Idempotency-Key: {uuid4().hex}",)
    status, answer = Client(stage.settings.web).ask(
        request("POST", "/v1/parks", token, body=json.dumps(body).encode(), headers=keyed)
    )
    if status != 201:
        raise RuntimeError(answer.decode())
    return str(json.loads(answer)["id"])


def revision(path: str, token: str, headers: Sequence[str], number: int) -> bytes:
    """A request that changes one field to something new."""
    body = json.dumps({"sectors": [f"变化{number}-{uuid4().hex[:6]}"]}, ensure_ascii=False).encode()
    return request("PATCH", path, token, body=body, headers=(MATCH, *headers))


def revise(client: Client, park: str, token: str, number: int, *headers: str) -> None:
    """Do so; raises unless it is done."""
    status, answer = client.ask(revision(f"/v1/parks/{park}", token, headers, number))
    if status != 200:
        raise RuntimeError(f"{status}: {answer.decode()}")


def _copied(stage: Stage, parks: Sequence[str]) -> None:
    stage.admin.execute(bare.SETUP)
    for name, schema in bare.COPIED.items():
        stage.admin.execute(bare.COPY.format(name=name, schema=schema))
    columns = sql.SQL(", ").join(map(sql.Identifier, stage.one(PLAIN, "parks.parks")))
    copied = sql.SQL("INSERT INTO bare.parks ({}) SELECT {} FROM parks.parks WHERE id = ANY(%s::uuid[])")
    stage.admin.execute(copied.format(columns, columns), [list(parks)])


def _round(stage: Stage, lane: Served, token: str, parks: Sequence[str]) -> dict[str, Any]:
    with web(stage, lane.argv, **lane.environment) as pids:
        meter = {**pids, "postgres": stage.servers()["postgres"]}
        reads = [partial(constant, request("GET", f"{lane.path}{park}", token)) for park in parks]
        writes = [partial(revision, f"{lane.path}{park}", token, ()) for park in parks]
        return {"read": _rate(stage, reads, meter), "write": _rate(stage, writes, meter)}


def _rate(stage: Stage, makers: Sequence[Callable[[int], bytes]], pids: Mapping[str, int]) -> dict[str, Any]:
    asked(stage, makers, seconds=WARM, least=50)
    meter = Meter(pids)
    found: Asked = asked(stage, makers, seconds=SECONDS, least=50)
    count = found.statuses.get(200, 0)
    if count != len(found.times):
        raise RuntimeError(f"not all was answered: {found.statuses}")
    cost = {name: spent * 1000 / count for name, spent in meter.spent().items()}
    return {"rate": found.rate, "cpu": {**cost, "sum": sum(cost.values())}}
