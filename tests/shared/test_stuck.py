"""What one home signs never stops a worker: neither for ever nor for long."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event, select

from events.entry import aggregate_id
from events.standards import BodyReinstated
from services.parks.models import Park
from services.standards.models import Body
from shared.database.rows import state_of
from shared.journal.progress import PARKED, ProgressRow
from shared.journal.session import Database
from tests.builders.cell import Cell
from tests.shared.test_registers import forged, hand, rejected, state_in
from tests.standards.given import given_body, given_certificate, given_standard


def unlike(characters: int) -> str:
    """A text that is no shorter when it is compressed."""
    return "".join(random.Random(1).choices([chr(code) for code in range(0x4E00, 0x9FA5)], k=characters))


def test_a_broadcast_that_no_index_can_hold_is_rejected(cell: Cell, sichuan: UUID) -> None:
    key = given_body(cell, sichuan, given_standard(cell, sichuan))
    with cell.session(sichuan) as session:
        state = {**state_of(session.get_one(Body, (sichuan, key))), "code": unlike(10_000)}
    nonce, before = uuid4().hex, len(rejected(cell))
    hand(cell, forged(cell, sichuan, state, aggregate=aggregate_id(sichuan, nonce), nonce=nonce, change={},
                      aggregate_type=Body.kind, type=BodyReinstated.type))  # fmt: skip
    assert "index row" in rejected(cell)[before]


def test_a_copy_that_no_index_can_hold_is_parked(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    standard = given_standard(cell, sichuan)
    number = given_certificate(cell, sichuan, given_body(cell, sichuan, standard), standard=standard)
    state, nonce = state_in(cell, sichuan, number, number=unlike(10_000)), uuid4().hex
    made = aggregate_id(sichuan, nonce)
    hand(cell, forged(cell, sichuan, state, aggregate=made, nonce=nonce, parties=(chongqing,), joined=(chongqing,)))
    with cell.session(chongqing) as session:
        progress = session.scalars(select(ProgressRow).where(ProgressRow.aggregate_id == made)).one()
        assert (progress.status, "index row" in str(progress.reason)) == (PARKED, True)


def reads_of_directory(database: Database) -> list[str]:
    seen: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM shared.directory" in statement:
            seen.append(statement)

    return seen


def test_parties_that_nobody_knows_cost_one_look_into_the_directory(cell: Cell, sichuan: UUID) -> None:
    nonce, strangers = uuid4().hex, tuple(sorted(uuid4() for _ in range(2000)))
    envelope = forged(cell, sichuan, {"state": "x"}, aggregate=aggregate_id(sichuan, nonce), nonce=nonce,
                      parties=strangers, change={}, aggregate_type=Park.kind, type="parks.park.drafted.v1")  # fmt: skip
    seen = reads_of_directory(cell.worker_database)
    hand(cell, envelope)
    assert len(seen) <= 3
