"""Routes without a lock: registers alone are seen, and each address is counted before anything is looked up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from sqlalchemy import func, select

from deploy.command_line import keeping
from deploy.command_line.api import _command
from services.registry import issuer
from services.tenants.models import Tenant, TenantContact
from shared.core.context import PLATFORM
from shared.core.errors import NotFoundError
from shared.http.app import create_app
from shared.http.openapi.document import document
from shared.http.requests import gate
from shared.http.requests.limits import WINDOW
from shared.http.resources import ResourceView
from shared.http.routes import Routes
from shared.keys.directory import DirectoryRow
from tests.builders.cell import Cell

PER_WINDOW = 10
HOME, OFFICE = "203.0.113.7", "198.51.100.2"
routes = Routes("tenants")


class StatusView(Schema):
    code = fields.String(required=True)
    rows = fields.Integer(required=True)


class WordDraft(Schema):
    tenant = fields.UUID(required=True)
    text = fields.String(required=True)


class WordView(Schema):
    text = fields.String(required=True)
    actor = fields.String(required=True)


@dataclass(frozen=True)
class Status:
    code: str
    rows: int
    etag: str


def show_status(session: Any, key: UUID) -> Status:
    row = session.get(DirectoryRow, key)
    if row is None:
        raise NotFoundError.of(Tenant.kind, key)
    kept = session.scalar(select(func.count()).select_from(TenantContact))
    return Status(row.code, kept, row.etag)


def leave_word(*, tenant: UUID, text: str) -> dict[str, str]:
    with gate.public_session(tenant) as session:
        return {"text": text, "actor": session.context.actor_id}


routes.public(
    "/v1/open/<uuid:key>", show_status, shown=ResourceView(kind=Status, view=StatusView), summary="状态 / Status"
)
routes.public(
    "/v1/open", leave_word, shown=ResourceView(kind=dict, view=WordView), summary="留言 / Word", draft=WordDraft
)


@pytest.fixture
def anybody(cell: Cell) -> Iterator[FlaskClient]:
    """Someone without a token, at the beginning of a window."""
    before = cell.database.settings
    cell.database.settings = replace(before, public_requests_per_minute=6 * PER_WINDOW)
    cell.clock.advance(timedelta(seconds=WINDOW - cell.clock.now().timestamp() % WINDOW + 0.5))
    yield create_app(cell.settings, [routes], issuer=issuer, database=cell.database).test_client()
    cell.database.settings = before


def asked(client: FlaskClient, key: object, address: str = HOME, **options: Any) -> Any:
    return client.get(f"/v1/open/{key}", environ_base={"REMOTE_ADDR": address}, **options)


def told(client: FlaskClient, body: object, address: str = HOME) -> Any:
    return client.post("/v1/open", json=body, environ_base={"REMOTE_ADDR": address})


def test_anybody_sees_a_register_and_no_tenants_rows(cell: Cell, anybody: FlaskClient, sichuan: UUID) -> None:
    contact = {"name": "李伟", "email": "li.wei@example.cn", "phone": "+86 10 0000 0000"}
    assert cell.client(sichuan).put("/v1/contact", contact).status_code == 200
    answer = asked(anybody, sichuan, uuid4().hex)
    assert (answer.status_code, answer.json["code"][:8], answer.json["rows"]) == (200, "sichuan-", 0)
    assert answer.headers["Cache-Control"] == "no-store"
    again = asked(anybody, sichuan, uuid4().hex, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_hits_and_misses_count_alike_and_look_alike_when_throttled(anybody: FlaskClient, sichuan: UUID) -> None:
    statuses = [asked(anybody, key).status_code for key in [sichuan, uuid4()] * (PER_WINDOW // 2)]
    assert statuses == [200, 404] * (PER_WINDOW // 2)
    hit, miss = asked(anybody, sichuan), asked(anybody, uuid4())
    assert (hit.status_code, miss.status_code) == (429, 429)
    assert {**hit.json, "correlation_id": ""} == {**miss.json, "correlation_id": ""}
    assert 1 <= int(hit.headers["Retry-After"]) <= WINDOW
    assert hit.headers["RateLimit-Policy"].endswith(f"q={PER_WINDOW};w={WINDOW}")


def test_one_address_uses_up_nothing_of_anothers(cell: Cell, anybody: FlaskClient, sichuan: UUID) -> None:
    first, second = (f"2001:db8:{uuid4().hex[:4]}:1::" for _address in range(2))
    statuses = [asked(anybody, sichuan, f"{first}{number:x}").status_code for number in range(PER_WINDOW + 1)]
    assert statuses == [200] * PER_WINDOW + [429]
    assert asked(anybody, sichuan, f"{second}1").status_code == 200
    cell.clock.advance(timedelta(seconds=WINDOW))
    assert asked(anybody, sichuan, f"{first}1").status_code == 200


def test_a_word_left_is_judged_by_its_draft_and_counted_by_the_same_limit(anybody: FlaskClient, sichuan: UUID) -> None:
    body = {"tenant": str(sichuan), "text": "同意"}
    answer = told(anybody, body, OFFICE)
    assert (answer.status_code, answer.json) == (201, {"text": "同意", "actor": "public"})
    assert told(anybody, {**body, "more": 1}, OFFICE).status_code == 422
    statuses = [asked(anybody, sichuan, OFFICE).status_code for _try in range(PER_WINDOW - 2)]
    assert (statuses[-1], told(anybody, body, OFFICE).status_code) == (200, 429)


def test_nobody_leaves_a_word_with_a_tenant_that_does_not_work(cell: Cell, anybody: FlaskClient, sichuan: UUID) -> None:
    url = f"/v1/tenants/{sichuan}/suspend"
    assert cell.client(PLATFORM, "system_administrator").post(url, {"reason": "test"}).status_code == 200
    cell.carry()
    answers = [told(anybody, {"tenant": str(key), "text": "同意"}, uuid4().hex) for key in (sichuan, uuid4())]
    assert [(item.status_code, item.json["code"]) for item in answers] == [(403, "tenant_not_active")] * 2


def test_the_document_says_that_no_token_is_needed_and_that_few_are_answered() -> None:
    paths = document([routes])["paths"]
    read, write = paths["/v1/open/{key}"]["get"], paths["/v1/open"]["post"]
    assert [(item["security"], "429" in item["responses"]) for item in (read, write)] == [([], True)] * 2
    assert set(read["responses"]) == {"200", "404", "429", "503"}
    assert [item for item in write["parameters"] if item["name"] == "Idempotency-Key"] == []


def test_a_terminal_asks_without_being_signed_in(
    anybody: FlaskClient, sichuan: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XIETONG_CLI_FILE", str(tmp_path / "nobody.json"))
    monkeypatch.setattr(keeping, "local_address", lambda: "http://xietong.test")
    with httpx.Client(transport=httpx.WSGITransport(app=anybody.application)) as client:
        monkeypatch.setattr(httpx, "request", client.request)
        done = CliRunner().invoke(_command("show-status", routes.declared[0]), [str(sichuan)])
    assert (done.exit_code, json.loads(done.output)["rows"]) == (0, 0), done.output
