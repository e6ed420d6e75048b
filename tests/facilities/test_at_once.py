"""Many want one slot at once: one has it, the others are told why, and whoever waits gets it in turn."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.errors import ExclusionViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.facilities.models import Booking, Slot
from shared.messaging.rejecting import Record
from shared.messaging.relay import Unsent
from shared.messaging.worker import Worker
from tests.builders.cell import Cell
from tests.facilities.builders import asked, at, do, opened

WORKERS, BOOKINGS = 4, 200


def carried_by_many(cell: Cell) -> None:
    """As `carry`, by several workers at once, each with the partitions of its own."""
    workers = [Worker(cell.worker_database) for _number in range(WORKERS)]

    def handled(worker: Worker, rows: list[Unsent]) -> None:
        worker.handle([Record(row.topic, 0, row.id, row.value) for row in rows])

    with ThreadPoolExecutor(WORKERS) as pool:
        while waiting := cell.take_unsent():
            shares = [[row for row in waiting if hash(row.key) % WORKERS == number] for number in range(WORKERS)]
            list(pool.map(handled, workers, shares))
            cell.run_timers()


def states(cell: Cell, tenants: list[UUID], key: str) -> Counter[tuple[str, str | None]]:
    """As homes have them; the owner has the same of each."""
    found: list[dict[UUID, Any]] = []
    for tenant in (*tenants, tenants[0]):
        with cell.session(tenant) as session:
            rows = session.scalars(select(Booking).where(Booking.facility_id == UUID(key))).all()
            mine = [row for row in rows if row.home_id == tenant or len(found) == len(tenants)]
            found.append({row.id: (row.state, row.because) for row in mine})
    homes = {booking: one for share in found[:-1] for booking, one in share.items()}
    assert homes == found[-1]
    return Counter(homes.values())


def held(cell: Cell, owner: UUID) -> list[UUID]:
    with cell.session(owner) as session:
        return list(session.scalars(select(Slot.booking_id).where(Slot.state == "held")))


def test_of_200_bookings_of_one_slot_from_four_tenants_at_once_one_wins(cell: Cell, sichuan: UUID) -> None:
    tenants = [sichuan, *(cell.tenant(name) for name in ("chongqing", "guizhou", "yunnan"))]
    key = opened(cell, sichuan)
    bodies = {waits: asked(cell, key, waits=waits) for waits in (False, True)}
    clients = {tenant: cell.client(tenant) for tenant in tenants}
    for client in clients.values():
        client.mint()

    def book(number: int) -> int:
        client = cell.client(tenants[number % len(tenants)])
        return int(client.post("/v1/bookings", bodies[number % 8 >= 4]).status_code)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(book, range(BOOKINGS))) == {201}
    carried_by_many(cell)
    ends = states(cell, tenants, key)
    assert ends["confirmed", None] == 1
    assert ends["refused", "taken"] + ends["waiting", None] == BOOKINGS - 1
    assert ends["waiting", None] in (BOOKINGS // 2, BOOKINGS // 2 - 1)
    (first,) = held(cell, sichuan)
    home = next(
        tenant for tenant in tenants if clients[tenant].get(f"/v1/bookings/{first}").json["home"] == str(tenant)
    )
    assert do(cell, clients[home], f"/v1/bookings/{first}/cancel", {"reason": "改期"}) == 200
    (second,) = held(cell, sichuan)
    assert second != first
    after = states(cell, tenants, key)
    assert (after["confirmed", None], after["waiting", None]) == (1, ends["waiting", None] - 1)


def test_whatever_is_written_no_two_times_that_are_held_overlap(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    facility, since = uuid4(), cell.clock.now()

    def slot(first: int, last: int, state: str = "held") -> Slot:
        times = {"starts_at": at(cell, first), "ends_at": at(cell, last)}
        return Slot(booking_id=uuid4(), facility_id=facility, state=state, since=since, **times)

    with cell.session(sichuan) as session:
        session.add_all([slot(9, 11), slot(11, 12), slot(10, 12, "waiting")])
    with cell.session(chongqing) as session:
        session.add(slot(9, 12))
    with pytest.raises(IntegrityError) as caught, cell.session(sichuan) as session:
        session.add(slot(10, 12))
    assert isinstance(caught.value.orig, ExclusionViolation)
