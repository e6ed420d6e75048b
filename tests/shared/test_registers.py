"""What is broadcast gets into the registers of all cells only from its own home, and only as what it claims to be."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError

from events import standards as events
from events.canonical import canonical, digest, plain
from events.entry import Actor, Entry, aggregate_id
from events.envelope import Envelope
from events.text import FreeText
from services.standards.domain.numbers import certificate_nonce, new_number
from services.standards.models import Body, BodyRow, Certificate, CertificateRow, certificate_id
from shared.core.context import PLATFORM
from shared.database.rows import state_of
from shared.journal.entries import JournalRow, entry_envelope
from shared.keys.documents import signed
from shared.messaging import worker
from shared.messaging.rejecting import Record
from shared.replication.progress import RejectRow
from tests.builders.cell import Cell
from tests.standards.given import code_of, given_body, given_certificate, given_standard

offsets = itertools.count(20_000_000)
ISSUED = "standards.certificate.issued.v1"


def hand(cell: Cell, *envelopes: Envelope) -> list[Record]:
    """One batch, as Kafka would give it; returns what waits for a key."""
    topic = f"{cell.settings.cell}.standards.events"
    return cell.worker.handle([Record(topic, 0, next(offsets), item.encode()) for item in envelopes])


def forged(cell: Cell, tenant: UUID, state: dict[str, Any], **attributes: Any) -> Envelope:
    """An entry that this tenant signs without asking our code."""
    with cell.session(tenant) as session:
        signer = session.signer
        given = {
            "aggregate": uuid4(), "aggregate_type": Certificate.kind, "type": ISSUED, "change": {"number": "n"},
            "version": 1, "nonce": None, "parties": (tenant,), "joined": (), "state_hash": digest(canonical(state)),
        }  # fmt: skip
        entry = Entry(
            home=tenant, epoch=1, state_version=1, previous=None, left=(), command=None, key=signer.key,
            actor=Actor(tenant=tenant, id="x"), occurred_at=session.clock.now(), **{**given, **attributes},
        )  # fmt: skip
        signature = signer.sign_bytes(entry.canonical)
        return entry_envelope(entry, signature, state=state, texts={}, session=session)


def state_in(cell: Cell, home: UUID, certificate: str, **changes: Any) -> dict[str, Any]:
    """The state of a certificate that this tenant issued, altered."""
    with cell.session(home) as session:
        row = session.get_one(Certificate, (home, certificate_id(home, certificate)))
        return {**state_of(row), **plain(changes)}


def registered(cell: Cell, key: UUID) -> CertificateRow | None:
    with cell.worker_database.cell_session() as session:
        return session.get(CertificateRow, key)


def rejected(cell: Cell) -> list[str]:
    with cell.worker_database.cell_session() as session:
        return list(session.scalars(select(RejectRow.reason).order_by(RejectRow.topic, RejectRow.offset)))


@pytest.fixture
def number(cell: Cell, sichuan: UUID) -> str:
    """A certificate of Sichuan."""
    standard = given_standard(cell, sichuan)
    return given_certificate(cell, sichuan, given_body(cell, sichuan, standard), standard=standard)


def test_nobody_occupies_a_number_of_another_home(cell: Cell, sichuan: UUID, chongqing: UUID, number: str) -> None:
    theirs = new_number(code_of(cell, chongqing), 2026)
    state = state_in(cell, sichuan, number, number=theirs)
    for nonce in (None, certificate_nonce(theirs)):
        hand(cell, forged(cell, sichuan, state, aggregate=certificate_id(chongqing, theirs), nonce=nonce))
    assert registered(cell, certificate_id(chongqing, theirs)) is None
    assert cell.app.test_client().get(f"/v1/public/certificates/{theirs}").status_code == 404


def test_nobody_replaces_what_another_home_broadcast(cell: Cell, sichuan: UUID, chongqing: UUID, number: str) -> None:
    state, key = state_in(cell, sichuan, number, tenant=chongqing, state="revoked"), certificate_id(sichuan, number)
    for nonce in (None, certificate_nonce(number)):
        hand(cell, forged(cell, chongqing, state, aggregate=key, version=500, nonce=nonce))
    row = registered(cell, key)
    assert row is not None
    assert (row.version, row.state["state"], row.tenant) == (1, "valid", sichuan)


def test_a_home_that_proves_its_id_is_heard_in_every_version(cell: Cell, sichuan: UUID) -> None:
    key = given_body(cell, sichuan, given_standard(cell, sichuan))
    with cell.session(sichuan) as session:
        row = session.locked(Body, key)
        row.name_zh = "改名"
        session.publish(row, events.BodyReinstated())
    cell.carry()
    with cell.session(sichuan) as session:
        first, second = session.scalars(
            select(JournalRow.entry).where(JournalRow.aggregate_id == key).order_by(JournalRow.version)
        )
        known = session.get_one(BodyRow, key)
    assert (known.version, known.state["name_zh"]) == (2, "改名")
    assert json.loads(second)["joined"] == []
    assert json.loads(second)["nonce"] == json.loads(first)["nonce"]


def test_an_id_is_that_of_one_kind(cell: Cell, sichuan: UUID, number: str) -> None:
    key = certificate_id(sichuan, number)
    body = given_body(cell, sichuan, given_standard(cell, sichuan))
    with cell.session(sichuan) as session:
        state = state_of(session.get_one(Body, (sichuan, body)))
    change = {"type": "standards.body.accredited.v1", "change": {"code": "x"}, "aggregate_type": Body.kind}
    hand(cell, forged(cell, sichuan, state, aggregate=key, version=2, nonce=certificate_nonce(number), **change))
    assert f"known here as that of a {Certificate.kind}" in rejected(cell)[-1]
    with cell.worker_database.cell_session() as session:
        assert session.get(BodyRow, key) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"standard_id": "nonsense"}, {"standard_id": None}, {"number": None}, {"number": 5}, {"products": "none"},
        {"products": ["none"]}, {"holder": []}, {"valid_from": "soon"}, {"created_at": "2026-01-01T00:00:00"},
        {"holder": {"name_zh": "\0"}}, {"number": "\0"}, {"methods": [1]}, {"tenant": str(uuid4())},
    ],
)  # fmt: skip
def test_a_broadcast_that_no_register_can_hold_stops_nobody(
    cell: Cell, sichuan: UUID, number: str, changes: dict[str, Any]
) -> None:
    before, nonces = len(rejected(cell)), (uuid4().hex, uuid4().hex)
    states = [state_in(cell, sichuan, number, **given) for given in (changes, {})]
    bad, good = (
        forged(cell, sichuan, state, aggregate=aggregate_id(sichuan, nonce), nonce=nonce)
        for nonce, state in zip(nonces, states, strict=True)
    )
    hand(cell, bad, good)
    assert [registered(cell, aggregate_id(sichuan, nonce)) is not None for nonce in nonces] == [False, True]
    assert len(rejected(cell)) == before + 1


@pytest.mark.parametrize("attributes", [{"change": {}}, {"type": "standards.body.accredited.v1"}, {"state": {}}])
def test_a_broadcast_whose_event_fits_nothing_is_rejected(
    cell: Cell, sichuan: UUID, number: str, attributes: dict[str, Any]
) -> None:
    nonce = uuid4().hex
    state = attributes.pop("state", state_in(cell, sichuan, number))
    hand(cell, forged(cell, sichuan, state, aggregate=aggregate_id(sichuan, nonce), nonce=nonce, **attributes))
    assert registered(cell, aggregate_id(sichuan, nonce)) is None
    assert "MalformedMessageError" in rejected(cell)[-1]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("head", {"lines": [{"aggregate": str(uuid4()), "kind": Body.kind, "epoch": 1, "version": 2**31}]}),
        ("head", {"lines": [{"aggregate": str(uuid4()), "kind": "\0", "epoch": 1, "version": 1}]}),
        ("head", {"lines": [{"aggregate": str(uuid4()), "kind": "x" * 9000, "epoch": 1, "version": 1}]}),
        ("head", {"lines": [{"aggregate": str(uuid4()), "kind": Body.kind, "epoch": 1, "version": 1}] * 201}),
        ("head", {"lines": 5}),
        ("resync", {"aggregate": 5, "kind": Body.kind, "epoch": 1, "version": 0}),
        ("receipt", {"lines": [{"aggregate": str(uuid4()), "epoch": 1, "version": 2**31, "status": "in_step",
                                "reason": None, "applied_at": "2026-01-01T00:00:00Z"}]}),
        ("receipt", {"lines": 5}),
        ("erasure", {"aggregate": str(uuid4()), "digests": None}),
        ("command", {"id": str(uuid4()), "aggregate": 5, "name": "x", "actor": "a", "expected": None}),
        ("beat", {"aggregate": 5, "kind": "identity.revocation_list", "epoch": 1, "version": 0}),
    ],
)  # fmt: skip
def test_a_signed_document_of_no_form_stops_nobody(
    cell: Cell, sichuan: UUID, chongqing: UUID, kind: Any, content: dict[str, Any]
) -> None:
    addressee = cell.settings.cell if kind == "beat" else str(chongqing)
    with cell.session(sichuan if kind != "beat" else PLATFORM) as session:
        envelope = signed(session, kind, content={**content, "to": addressee}, by=session.signer)
    before = len(rejected(cell))
    assert hand(cell, envelope) == []
    assert len(rejected(cell)) == before + 1


def odd_key(message: dict[str, Any]) -> None:
    message["entry"]["key"] = "\0\ud800"


def odd_nonce(message: dict[str, Any]) -> None:
    message["entry"]["nonce"] = 5


def odd_kind(message: dict[str, Any]) -> None:
    message["entry"]["aggregate_type"] = ["parks.park"]


def odd_id(message: dict[str, Any]) -> None:
    message["entry"]["aggregate"] = 5


def odd_number(message: dict[str, Any]) -> None:
    message["state"]["version"] = float("nan")


def odd_text(message: dict[str, Any]) -> None:
    message["texts"] = {"x": {"text": "\ud800", "salt": "x"}}


def odd_version(message: dict[str, Any]) -> None:
    message["entry"]["version"] = 2**31


@pytest.mark.parametrize("change", [odd_key, odd_nonce, odd_kind, odd_id, odd_number, odd_text, odd_version])
def test_an_entry_of_odd_values_stops_nobody(cell: Cell, sichuan: UUID, number: str, change: Any) -> None:
    message = json.loads(forged(cell, sichuan, state_in(cell, sichuan, number)).encode())
    change(message["data"])
    before = len(rejected(cell))
    cell.worker.handle([Record("cell1.standards.events", 0, next(offsets), json.dumps(message).encode())])
    assert len(rejected(cell)) == before + 1


def test_what_cannot_even_be_parked_is_rejected(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_place(*_arguments: object, **_named: object) -> None:
        raise DataError("integer out of range", {}, Exception())

    monkeypatch.setattr(worker, "park", no_place)
    nonce = uuid4().hex
    state = {"state": "draft"}
    envelope = forged(
        cell, sichuan, state, aggregate=aggregate_id(sichuan, nonce), nonce=nonce, aggregate_type="parks.park",
        type="parks.park.drafted.v1", change={}, parties=(sichuan, chongqing), joined=(chongqing,),
    )  # fmt: skip
    before = len(rejected(cell))
    hand(cell, envelope)
    assert len(rejected(cell)) == before + 1


def test_a_broadcasts_texts_go_to_its_audience_alone(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = given_body(cell, sichuan, given_standard(cell, sichuan))
    keys = {**cell.settings.cell_keys, "cell9": next(iter(cell.settings.cell_keys.values()))}
    monkeypatch.setattr(cell.database.directory, "settings", replace(cell.settings, cell_keys=keys))
    with cell.session(sichuan) as session:
        row = session.locked(Body, key)
        session.publish(row, events.BodySuspended(reason=FreeText("张三受贿")))
        session.publish(row, events.BodyReinstated())
    sent = [(item.topic.split(".")[0], json.loads(item.value)["data"]) for item in cell.take_unsent()]
    told = {(where, data["entry"]["type"], "张三受贿" in str(data)) for where, data in sent}
    here, suspended, reinstated = cell.settings.cell, events.BodySuspended.type, events.BodyReinstated.type
    assert told == {
        (here, suspended, True), ("cell9", suspended, False), (here, reinstated, False), ("cell9", reinstated, False),
    }  # fmt: skip
    assert len(sent) == 4
