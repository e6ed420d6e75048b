"""What one tenant signs, or nobody, costs another little: refused at intake, bounded, forgotten, in nobody's way."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select

from events.envelope import Envelope
from services.parks.models import Park
from shared.journal.outbox import OutboxRow
from shared.journal.progress import ProgressRow
from shared.keys.directory import PublicKey
from shared.keys.documents import signed
from shared.messaging import quotas, rejecting, rejects_bounded
from shared.messaging.rejecting import Record, Rejects
from shared.replication import progress, resync
from shared.replication.progress import HeldRow, RejectRow
from shared.replication.receipts import ReceiptRow
from tests.builders.cell import Cell
from tests.builders.officials import drafted
from tests.builders.parks import bare_park

offsets = itertools.count(10_000_000)


def hand(cell: Cell, *envelopes: Envelope) -> None:
    cell.worker.handle([Record("cell1.parks.events", 0, next(offsets), one.encode()) for one in envelopes])


def document(cell: Cell, sender: UUID, to: UUID, spec: Any, **content: Any) -> Envelope:
    with cell.session(sender) as session:
        return signed(session, spec, content={**content, "to": str(to)}, by=session.signer)


def head(cell: Cell, sender: UUID, to: UUID, *ids: UUID, kind: str = "parks.park") -> Envelope:
    lines = [{"aggregate": str(key), "kind": kind, "epoch": 1, "version": 1} for key in ids]
    return document(cell, sender, to, "head", lines=lines)


def written(cell: Cell, tenant: UUID, kind: type[Any]) -> int:
    with cell.session(tenant) as session:
        return int(session.scalar(select(func.count()).select_from(kind)) or 0)


def rejected(cell: Cell) -> list[RejectRow]:
    with cell.worker_database.cell_session() as session:
        return list(session.scalars(select(RejectRow).order_by(RejectRow.offset)))


@pytest.fixture(autouse=True)
def _no_rejects(cell: Cell) -> None:
    with cell.worker_database.cell_session() as session:
        session.execute(delete(RejectRow))


ANY = {"aggregate": str(uuid4()), "epoch": 1, "version": 0}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("head", {"lines": [{**ANY, "kind": "nothing.at_all"}]}),
        ("head", {"lines": [{**ANY, "kind": "parks.park"}, {**ANY, "kind": "nothing.at_all"}]}),
        ("head", {"lines": [{**ANY, "kind": "parks.nothing"}]}),
        ("head", {"lines": [{**ANY, "kind": ["parks.park"]}]}),
        ("head", {"lines": []}),
        ("head", {}),
        ("resync", {**ANY, "kind": "nothing.at_all"}),
        ("resync", {**ANY, "kind": "parks.nothing"}),
        ("resync", {**ANY, "kind": "parks"}),
        ("erasure", {**ANY, "kind": "nothing.at_all", "digests": []}),
        ("command", {"id": str(uuid4()), "aggregate": str(uuid4()), "name": "x", "actor": "a", "expected": None,
                     "params": {}, "expires_at": "2099-01-01T00:00:00Z"}),
        ("command", {"id": str(uuid4()), "aggregate": str(uuid4()), "name": "x.y.z", "actor": "a", "expected": None,
                     "params": {}, "expires_at": "2099-01-01T00:00:00Z"}),
        ("command", {"id": str(uuid4()), "aggregate": str(uuid4()), "actor": "a"}),
        ("receipt", {"lines": [{**ANY, "status": "in_step", "reason": None, "applied_at": "2026-01-01"}] * 41}),
    ],
)  # fmt: skip
def test_what_names_nothing_that_is_here_is_refused_and_nothing_is_written_for_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, kind: Any, content: dict[str, Any]
) -> None:
    envelope = document(cell, sichuan, chongqing, kind, **content)
    tables = (OutboxRow, ProgressRow, ReceiptRow, HeldRow)
    before = [written(cell, chongqing, table) for table in tables]
    hand(cell, envelope)
    assert [written(cell, chongqing, table) for table in tables] == before
    assert [row.sender_id for row in rejected(cell)] == [sichuan]


def test_an_unknown_command_of_a_known_service_is_answered(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    content = {"id": str(uuid4()), "aggregate": str(uuid4()), "name": "parks.park.paint", "actor": "a",
               "expected": None, "params": {}, "expires_at": "2099-01-01T00:00:00Z"}  # fmt: skip
    hand(cell, document(cell, sichuan, chongqing, "command", **content))
    assert [b"xietong.answer.v1" in row.value for row in cell.take_unsent()] == [True]


def test_phantoms_are_asked_for_ever_more_rarely_and_forgotten(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    ids = [uuid4() for _ in range(30)]
    hand(cell, head(cell, sichuan, chongqing, *ids))
    asked = 0
    for _minute in range(120):
        asked += sum(b'"xietong.resync.v1"' in row.value for row in cell.take_unsent())
        cell.clock.advance(timedelta(minutes=1))
        cell.sweep(chongqing)
    assert len(ids) <= asked <= len(ids) * resync.MOST_ASKS
    with cell.session(chongqing) as session:
        assert not session.scalars(select(ProgressRow).where(ProgressRow.aggregate_id.in_(ids))).all()


def test_a_home_can_make_nobody_wait_for_more_than_so_many_phantoms(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resync, "MOST_PHANTOMS", 5)
    for _head in range(3):
        hand(cell, head(cell, sichuan, chongqing, *[uuid4() for _ in range(4)]))
    with cell.session(chongqing) as session:
        phantoms = select(func.count()).select_from(ProgressRow).where(ProgressRow.version == 0)
        assert session.scalar(phantoms.where(ProgressRow.home_id == sichuan)) == 5


def test_the_same_holds_for_later_entries_of_what_never_began(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cell.session(sichuan) as session:
        parks = [bare_park(session, [chongqing]).id for _ in range(6)]
    first = cell.take_unsent()
    for key in parks:
        cell.client(sichuan).patch(f"/v1/parks/{key}", {"sectors": ["芯片"]})
    second = cell.take_unsent()
    monkeypatch.setattr(resync, "MOST_PHANTOMS", 4)
    with cell.worker_database.session(cell.context(chongqing)) as session:
        room = resync.may_wait_for_more(session, sichuan)
    cell.deliver(second)
    assert written(cell, chongqing, HeldRow) == room <= 4
    cell.deliver([*first, *second])
    with cell.session(chongqing) as session:
        assert {row.version for row in session.scalars(select(Park).where(Park.id.in_(parks)))} == {2}


def test_a_lost_first_entry_comes_although_its_phantom_was_forgotten(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    with cell.session(sichuan) as session:
        key = bare_park(session, [chongqing]).id
    cell.take_unsent()
    with cell.worker_database.session(cell.context(chongqing)) as session:
        session.execute(delete(ProgressRow).where(ProgressRow.aggregate_id == key))
    for _round in range(8):
        cell.clock.advance(timedelta(seconds=10))
        cell.sweep(sichuan, chongqing)
        cell.carry()
    with cell.session(chongqing) as session:
        assert session.get(Park, (chongqing, key)) is not None


def test_a_receipt_of_what_its_sender_was_never_told_is_not_kept(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url, stranger = drafted(cell, sichuan, chongqing), cell.tenant("stranger")
    line = {"epoch": 1, "version": 9, "status": "in_step", "reason": None, "entry": "", "applied_at": "2026-01-01"}
    for key in (url.rsplit("/", 1)[-1], str(uuid4())):
        hand(cell, document(cell, stranger, sichuan, "receipt", lines=[{**line, "aggregate": key}]))
    with cell.session(sichuan) as session:
        assert set(session.scalars(select(ReceiptRow.party_id))) == {chongqing}


def test_a_sender_over_its_quota_is_passed_over_and_heard_again_later(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "PER_MINUTE", {**quotas.PER_MINUTE, "head": 5})
    guizhou, count = cell.tenant("guizhou"), 0
    for _head in range(12):
        hand(cell, head(cell, sichuan, chongqing, uuid4()))
    hand(cell, head(cell, guizhou, chongqing, uuid4()))
    with cell.session(chongqing) as session:
        count = len(session.scalars(select(ProgressRow).where(ProgressRow.status == "held")).all())
    assert count == 5 + 1
    cell.clock.advance(timedelta(minutes=1))
    hand(cell, head(cell, sichuan, chongqing, uuid4()))
    with cell.session(chongqing) as session:
        assert len(session.scalars(select(ProgressRow).where(ProgressRow.status == "held")).all()) == count + 1


def test_what_nobody_repeats_has_no_quota(cell: Cell, sichuan: UUID) -> None:
    for kind in ("answer", "erasure"):
        assert all(cell.worker.documents.quotas.admit(sichuan, kind) for _one in range(20_000))


def test_entries_told_again_count_against_who_asks(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = drafted(cell, sichuan, chongqing)
    for number in range(4):
        cell.client(sichuan).patch(url, {"sectors": [f"行业{number}"]})
    cell.carry()
    monkeypatch.setattr(quotas, "PER_MINUTE", {**quotas.PER_MINUTE, quotas.RESENT: 6})
    ask = document(
        cell, chongqing, sichuan, "resync", **{**ANY, "aggregate": url.rsplit("/", 1)[-1]}, kind="parks.park"
    )
    hand(cell, ask, ask, ask, ask)
    assert sum(b'"entry"' in row.value for row in cell.take_unsent()) == 10


def test_a_home_cannot_fill_what_waits_at_another(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = drafted(cell, sichuan, chongqing)
    for number in range(6):
        cell.client(sichuan).patch(url, {"sectors": [f"行业{number}"]})
    entries = [row for row in cell.take_unsent() if b'"entry"' in row.value]
    monkeypatch.setattr(progress, "MOST_HELD_BYTES", 3 * len(entries[0].value))
    cell.deliver(entries[1:])
    assert 1 <= written(cell, chongqing, HeldRow) <= 3
    for _round in range(6):
        cell.clock.advance(timedelta(seconds=10))
        cell.sweep(sichuan, chongqing)
        cell.carry()
    assert cell.client(chongqing).get(url).json["sectors"] == ["行业5"]


def unknown_key(envelope: Envelope, key: str) -> bytes:
    message = json.loads(envelope.encode())
    message["data"][envelope.kind]["key"] = key
    return json.dumps(message).encode()


def test_what_waits_for_unknown_keys_keeps_nobody_else_waiting(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, key = head(cell, sichuan, chongqing, uuid4()), {"known": False}
    monkeypatch.setattr(rejecting, "AT_ONCE", 3)
    directory = cell.worker_database.directory
    signer = str(true.document["key"])
    rubbish = [unknown_key(head(cell, sichuan, chongqing, uuid4()), uuid4().hex[:16]) for _ in range(10)]
    rows = [Record("cell1.parks.events", 1, next(offsets), value) for value in [*rubbish, true.encode()]]
    find = type(directory).key

    def without(self: Any, *arguments: Any, **named: Any) -> PublicKey:
        if not key["known"]:
            others = {name: one for name, one in self._known.keys.items() if name != signer}
            self._known = self._known._replace(changed=-1, keys=others)
            monkeypatch.setattr(self, "refresh", lambda _session: None)
        return find(self, *arguments, **named)

    monkeypatch.setattr(type(directory), "key", without)
    assert len(cell.worker.handle(rows)) == 11
    monkeypatch.undo()
    directory._read_at = float("-inf")
    assert cell.worker.rejects.retry(cell.worker.handle) == 1
    assert {row.waits_for for row in rejected(cell)}.isdisjoint({signer, None})
    assert len(rejected(cell)) == 10


def test_a_message_whose_key_came_and_did_not_fit_stays_for_the_operator(cell: Cell, sichuan: UUID) -> None:
    true = head(cell, sichuan, sichuan, uuid4())
    value = true.encode().replace(b'"epoch":1', b'"epoch":2')
    with cell.worker_database.cell_session() as session:
        row = {"topic": "cell1.parks.events", "partition": 2, "offset": next(offsets), "reason": "KeyUnknownError: x"}
        now = cell.clock.now()
        session.add(RejectRow(**row, value=value, received_at=now, waits_for=str(true.document["key"]), attempts=0,
                              retry_at=now, sender_id=sichuan))  # fmt: skip
    cell.worker.rejects.retry(cell.worker.handle)
    [kept] = rejected(cell)
    assert (kept.waits_for, "WrongSignatureError" in kept.reason) == (None, True)


def test_rejected_messages_are_pruned_by_age_by_count_and_the_loudest_sender_first(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects_bounded, "MOST_OF_ONE", 6)
    monkeypatch.setattr(rejects_bounded, "MOST", 8)
    monkeypatch.setattr(rejecting, "KEPT_BYTES", 10)
    rejects, quiet, loud = Rejects(cell.worker_database), uuid4(), uuid4()
    for sender in (quiet, quiet, *[loud] * 20):
        envelope = Envelope(kind="head", document={}, signature="", source=sender, type="", subject="", time="")
        rejects.keep(Record("cell1.parks.events", 3, next(offsets), envelope.encode()), ValueError("no"))
    assert {len(row.value) for row in rejected(cell)} == {10}
    rejects.prune()
    kept = [row.sender_id for row in rejected(cell)]
    assert (kept.count(quiet), kept.count(loud)) == (2, 6)
    cell.clock.advance(rejecting.KEPT + timedelta(minutes=1))
    rejects.prune()
    assert rejected(cell) == []


def test_a_flood_of_rejected_messages_is_pruned_and_told_once(
    cell: Cell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rejects_bounded, "MOST_OF_ONE", 20)
    monkeypatch.setattr(rejecting, "PRUNED_AFTER", 50)
    said: list[Any] = []
    rejects = Rejects(cell.worker_database)
    monkeypatch.setattr(
        rejects._warnings, "log", type("Log", (), {"warning": lambda _self, *a, **f: said.append((a, f))})()
    )
    for _message in range(130):
        rejects.keep(Record("cell1.parks.events", 4, next(offsets), b"rubbish"), ValueError("no"))
    assert len(rejected(cell)) <= 20 + 50
    assert len(said) == 1


def test_what_was_reported_is_not_reported_again(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    cell.client(sichuan).patch(url, {"sectors": ["芯片"]})
    entries = cell.take_unsent()
    for _time in range(5):
        cell.deliver(entries)
        cell.worker.confirm()
    assert sum(b'"xietong.receipt.v1"' in row.value for row in cell.take_unsent()) == 1
    again = head(cell, sichuan, chongqing, UUID(url.rsplit("/", 1)[-1]))
    hand(cell, again)
    assert not cell.take_unsent()
    cell.clock.advance(timedelta(seconds=6))
    hand(cell, again)
    assert sum(b'"xietong.receipt.v1"' in row.value for row in cell.take_unsent()) == 1
