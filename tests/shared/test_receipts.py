"""Receipts: what a party signed is kept once, as long as it is its last word about something."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from events.canonical import digest
from events.envelope import decode
from events.parks import ParkRevised
from services.parks.models import Park
from shared.journal.session import Session
from shared.messaging import worker
from shared.messaging.worker import Worker
from shared.replication import receipts
from shared.replication.receipts import ReceiptDocument, ReceiptRow
from tests.builders.cell import Cell
from tests.builders.parks import bare_park
from tests.parks.builders import Story, park_draft


def words(cell: Cell, home: UUID) -> tuple[dict[str, int], dict[str, int]]:
    """How many words each document is said to hold, and how many name it."""
    with cell.session(home) as session:
        documents = list(session.scalars(select(ReceiptDocument)))
        named = Counter(session.scalars(select(ReceiptRow.document_id)))
        for one in documents:
            signed = json.loads(one.document)
            key = session.directory.key(session, signed["key"], of=UUID(signed["from"]), at=session.clock.now())
            key.verify_bytes(one.document, one.signature)
            assert one.id == digest(one.document)
    return {one.id: one.words for one in documents}, dict(named)


def test_a_signed_document_is_kept_as_long_as_it_is_the_last_word_about_something(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    stories = [Story(cell, sichuan, chongqing) for _park in range(3)]
    for story in stories:
        story.draft()
    said, named = words(cell, sichuan)
    assert said == named
    assert sum(named.values()) >= len(stories)
    stories[0].conclude()
    later, named = words(cell, sichuan)
    assert later == named
    assert later != said


def revised(cell: Cell, home: UUID, park: UUID, number: int) -> None:
    with cell.session(home) as session:
        row = session.locked(Park, park)
        row.sectors = [f"变化{number}"]
        session.publish(row, ParkRevised(changes={"sectors": row.sectors}))
    cell.deliver(cell.take_unsent())


def test_one_receipt_confirms_what_came_since_the_one_before(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    with cell.session(sichuan) as session:
        park = bare_park(session, [chongqing]).id
    cell.carry()
    for number in range(3):
        revised(cell, sichuan, park, number)
    cell.worker.confirm()
    [receipt] = [decode(row.value) for row in cell.take_unsent()]
    assert [(line["aggregate"], line["version"]) for line in receipt.document["lines"]] == [(str(park), 4)]
    cell.worker.confirm()
    assert not cell.take_unsent()


def test_a_tenant_that_cannot_confirm_keeps_no_other_from_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = cell.tenant("third")
    with cell.session(sichuan) as session:
        park = bare_park(session, [chongqing, third]).id
    cell.deliver(cell.take_unsent())

    def fails_for_chongqing(session: Session, aggregates: set[UUID]) -> None:
        if session.context.tenant_id == chongqing:
            raise ConnectionError("away")
        receipts.confirm(session, aggregates)

    monkeypatch.setattr(worker, "confirm", fails_for_chongqing)
    cell.worker.confirm()
    cell.deliver(cell.take_unsent())
    with cell.session(sichuan) as session:
        told = session.scalars(select(ReceiptRow.party_id).where(ReceiptRow.aggregate_id == park)).all()
        assert told == [third]


def test_home_asks_for_what_a_worker_that_ended_did_not_confirm(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    with cell.session(sichuan) as session:
        park = bare_park(session, [chongqing]).id
    cell.carry()
    revised(cell, sichuan, park, 1)
    cell.worker = Worker(cell.worker_database)
    for _second in range(3):
        cell.clock.advance(timedelta(seconds=1))
        cell.tick()
        cell.carry()
    with cell.session(sichuan) as session:
        assert session.scalars(select(ReceiptRow.version).where(ReceiptRow.aggregate_id == park)).all() == [2]


def test_a_receipt_that_comes_twice_counts_once(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    story = Story(cell, sichuan, chongqing)
    story.people[sichuan].post("/v1/parks", park_draft(sichuan, chongqing))
    for _round in range(4):
        cell.worker.confirm()
        messages = cell.take_unsent()
        cell.deliver([*messages, *messages])
    said, named = words(cell, sichuan)
    assert said == named != {}
