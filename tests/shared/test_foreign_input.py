"""Foreign JSON and foreign text at every door: refused where it stands, and nothing breaks of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select
from werkzeug.routing import Map
from werkzeug.test import Client

from events.printing import printable
from shared.core.encoding import b64encode
from shared.core.log import logger
from shared.database.pages import cursor_of
from shared.http.fields.path_types import CONVERTERS, TextConverter
from shared.messaging.worker import Record
from shared.replication.progress import RejectRow
from shared.rules.scopes import SCOPES
from shared.text.identifiers import KINDS
from tests.builders.cell import Cell
from tests.builders.officials import drafted, park_draft

DEEP = b"[" * 1200 + b"]" * 1200
COMMENTS = "/v1/public/consultations/00000000-0000-4000-8000-000000000000/comments"
BODIES = {
    b'{"items":' + DEEP + b"}": (400, ""), DEEP: (400, ""), b'{"a":1e999}': (400, ""), b'{"a":NaN}': (400, ""),
    b'{"a":' + b"9" * 5000 + b"}": (400, ""), b'{"a":"\xff"}': (400, ""), b"": (400, ""), b'{"a"': (400, ""),
    rb'{"\ud800":1}': (422, "/\\ud800"), rb'{"items":[{"a":"\u0000"}]}': (422, "/items/0/a"),
    b'{"code":"1","code":"2"}': (422, "/code"), b'{"items":[{"x":{"y":1,"y":2}}]}': (422, "/items/0/x/y"),
}  # fmt: skip
DOORS = ("/v1/organisations", "/v1/organisations/bulk/register", "/v1/parks", COMMENTS)


def everything(cell: Cell, tenant: UUID) -> dict[str, str]:
    """The headers of somebody who may do all there is."""
    token = cell.token(tenant, scopes=set(SCOPES))
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex, "If-Match": "*"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_not_json_of_one_meaning_is_refused_with_its_place(
    cell: Cell, sichuan: UUID, door: str, body: bytes
) -> None:
    headers = {} if door == COMMENTS else everything(cell, sichuan)
    answer = cell.app.test_client().post(door, data=body, content_type="application/json", headers=headers)
    status, pointer = BODIES[body]
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert [item["pointer"] for item in answer.json["errors"]] == ([pointer] if pointer else [])


@pytest.mark.parametrize("charset", ["utf-7", "gb18030", "utf-16", "latin1"])
def test_a_body_in_another_charset_is_415(cell: Cell, sichuan: UUID, charset: str) -> None:
    kind = {"CONTENT_TYPE": f"application/json; charset={charset}"}
    client, headers = cell.app.test_client(), everything(cell, sichuan)
    answer = client.post("/v1/parks", data=b"{}", headers=headers, environ_overrides=kind)
    assert (answer.status_code, answer.json["code"]) == (415, "charset_not_utf8")


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"'])
def test_utf_8_may_be_said_in_any_way(cell: Cell, sichuan: UUID, chongqing: UUID, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    draft, headers = json.dumps(park_draft(sichuan, chongqing)), everything(cell, sichuan)
    assert cell.app.test_client().post("/v1/parks", data=draft, headers=headers, content_type=kind).status_code == 201


CURSORS = (
    cursor_of("0001-01-01T00:00:00+14:00", str(uuid4())), cursor_of("9999-12-31T23:59:59-14:00", str(uuid4())),
    cursor_of("2026-01-01T00:00:00", str(uuid4())), b64encode(b"[Infinity]"), b64encode(b'[Infinity,"a","b"]'),
    cursor_of(True), cursor_of(0, True), cursor_of(-1), b64encode(b"[%d]" % 2**70), b64encode(b"[" + b"9" * 90 + b"]"),
    b64encode(rb'["\u0000"]'), b64encode(rb'["\ud800"]'), b64encode(rb'["\u0000","%s"]' % str(uuid4()).encode()),
    b64encode(b"[" * 70), b64encode(b"{}"), b64encode(b"null"), b64encode(b'"a"'), b64encode(b"\xff"), b64encode(b"1"),
    "", "=", "a", "\0", "川", "[]", cursor_of(), cursor_of(None, None), cursor_of([1], {}), cursor_of(1, "a", "b", 2),
)  # fmt: skip

BY_TEXT = ("/v1/organisations/cards", "/v1/bodies", "/v1/standards")
"""Lists in the order of a text: there what looks like a moment is a place in the list like any other."""


def test_a_made_up_cursor_is_422_in_every_list(cell: Cell, sichuan: UUID) -> None:
    client, seen = cell.app.test_client(), []
    headers = everything(cell, sichuan)
    declared = [route for service in cell.routes for route in service.declared]
    for route in [route for route in declared if route.listed or "cursor" in _fields(route)]:
        path = route.rule.replace("<uuid:key>", str(sichuan))
        for cursor in CURSORS if "<" not in path else ():
            answer = client.get(path, query_string={"cursor": cursor}, headers=headers)
            fits = cursor == "" or (path in BY_TEXT and cursor in CURSORS[:3])
            assert answer.status_code in (403, 404, 422) or fits, (path, cursor, answer.status_code)
            seen.append((path, answer.json.get("code")))
    assert len({path for path, code in seen if code == "cursor_invalid"}) > 15


def _fields(route: Any) -> Any:
    return route.query._declared_fields if route.query else ()


def test_a_cursor_comes_back_as_what_it_was_made_of(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client = cell.client(sichuan)
    made = [client.post("/v1/parks", park_draft(sichuan, chongqing)).json["id"] for _ in range(3)]
    first = client.get("/v1/parks?limit=2").json
    rest = client.get("/v1/parks", query_string={"limit": 2, "cursor": first["next"]}).json
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]


def _text_paths(known: Map) -> Iterator[tuple[str, str]]:
    for rule in known.iter_rules():
        names = {name for name, converter in rule._converters.items() if isinstance(converter, TextConverter)}
        if names:
            path = rule.rule
            for kind, name in re.findall(r"<(?:([a-z0-9]+):)?([a-z_]+)>", path):
                value = "@@" if name in names else str(uuid4()) if kind == "uuid" else "1"
                path = re.sub(f"<([a-z0-9]+:)?{name}>", value, path)
            yield next(iter(rule.methods - {"HEAD", "OPTIONS"})), path


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\x1f", "\x7f", "\r\nSet-Cookie: a=b"])
def test_no_path_holds_what_nothing_is_named_by(cell: Cell, sichuan: UUID, odd: str) -> None:
    headers, tried = everything(cell, sichuan), 0
    for method, path in _text_paths(cell.app.url_map):
        answer = cell.app.test_client().open(path.replace("@@", quote(odd)), method=method, headers=headers, json={})
        assert answer.status_code in (404, 405), (method, path, answer.status_code)
        tried += 1
    assert tried > 10


@pytest.mark.parametrize("name", ["kind", "\0", "q"])
def test_a_query_that_holds_a_nul_is_refused_by_name(cell: Cell, sichuan: UUID, name: str) -> None:
    answer = cell.client(sichuan).get("/v1/organisations", query_string={name: "a\0"})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert printable(name) in answer.json["errors"][0]["pointer"]


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": "\0" * 55}, {"traceparent": "川"}, {"traceparent": "00-" + "a" * 60}, {"User-Agent": "\0"},
        {"X-Correlation-ID": "a" * 20 + "\0"}, {"Accept-Language": "\0,;q=9e999"},
        {"Prefer": "\0", "If-None-Match": "\0"},
        {"Authorization": "Bearer \0"}, {"Authorization": "Bearer"}, {"Authorization": "Basic \xff"},
        {"Cookie": "\0=\0"},
    ],
    ids=str,
)  # fmt: skip
def test_no_header_breaks_anything(cell: Cell, sichuan: UUID, chongqing: UUID, headers: dict[str, str]) -> None:
    environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    sent = everything(cell, sichuan)
    answer = cell.app.test_client().post("/v1/parks", json=park_draft(sichuan, chongqing), headers=sent,
                                         environ_overrides=environ)  # fmt: skip
    assert answer.status_code == (401 if "Authorization" in headers else 201)
    cell.carry()


@pytest.mark.parametrize("key", ["\0", "a\0b", "川", "a b", "a" * 201])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(cell: Cell, sichuan: UUID, key: str) -> None:
    headers = {name: value for name, value in everything(cell, sichuan).items() if name != "Idempotency-Key"}
    environ = {"HTTP_IDEMPOTENCY_KEY": key}
    answer = cell.app.test_client().post(
        "/v1/parks", json=park_draft(sichuan, sichuan), headers=headers, environ_overrides=environ
    )
    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")


def test_no_method_that_somebody_makes_up_becomes_a_figure_of_its_own(cell: Cell) -> None:
    client = cell.app.test_client()
    for number in range(20):
        assert client.open("/v1/parks", method=f"MADE-UP-{number}").status_code == 405
    figures = generate_latest().decode()
    assert "MADE-UP" not in figures
    assert 'method="other"' in figures


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_longer_than_any_way_to_write_it_stays_as_it_is(kind: str) -> None:
    converter = CONVERTERS[kind.replace("_", "")](Map())
    if kind != "sha256":
        long = "(" * KINDS[kind].longest + "a"
        assert converter.to_python(long) == long


@pytest.mark.parametrize("host", [None, "", "a b", "a@b", "a/b", "a,b", "川", "[::1", "a:b", ":80", "a" * 300, "a\0"])
def test_a_request_without_one_sane_host_is_refused(cell: Cell, host: str | None) -> None:
    def bare(environ: dict[str, Any], start: Any) -> Any:
        environ.pop("HTTP_HOST")
        return cell.app(environ | ({} if host is None else {"HTTP_HOST": host}), start)

    answer = Client(bare).get("/v1/parks")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "value",
    [
        b"", b"{", DEEP, b'{"specversion":"1.0","data":' + b'{"entry":' * 60, rb'{"data":"\u0000"}',
        b'{"data":1,"data":2}',
        b'{"specversion":"1.0","data":{"entry":{}},"source":1e999}', b"\xff", rb'{"\ud800":1}', b"9" * 5000, b"[]",
        rb'{"specversion":"1.0","data":{"head":{"\ud800":1},"signature":""},"source":"x","type":""}',
    ],
    ids=range(12),
)  # fmt: skip
def test_a_kafka_record_of_anything_waits_alone_with_its_reason(
    cell: Cell, sichuan: UUID, chongqing: UUID, value: bytes
) -> None:
    topic = f"odd-{uuid4().hex}"
    cell.worker.handle([Record(topic, 0, 1, value)])
    with cell.worker_database.cell_session() as session:
        kept = session.scalars(select(RejectRow).where(RejectRow.topic == topic)).one()
        assert kept.value == value
        assert "Malformed" in kept.reason
    url = drafted(cell, sichuan, chongqing)
    assert cell.client(chongqing).get(url).status_code == 200


def test_a_lone_surrogate_breaks_no_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    logger("test").error("odd", path="\ud800\0", inner={"\udfff": ["\0"]})
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["path"], line["inner"]) == ("\\ud800\\x00", {"\\udfff": ["\\x00"]})


def test_a_browser_is_told_by_a_page_and_a_client_by_a_problem(cell: Cell) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = cell.app.test_client().get("/c/%00", headers=accept)
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    for path, headers in (("/c/%00", {}), ("/v1/nothing", accept)):
        assert cell.app.test_client().get(path, headers=headers).content_type == "application/problem+json"


def test_no_page_of_the_documents_can_be_framed(cell: Cell) -> None:
    for path in ("/docs", "/docs/static/docs.js", "/v1/parks", "/signin", "/nothing"):
        with cell.app.test_client().get(path) as answer:
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
