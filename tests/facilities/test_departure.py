"""A tenant leaves the platform: its times are free for others, and nothing stays booked with it."""

from __future__ import annotations

from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.leaving import leave
from tests.facilities.builders import asked, booked, opened, state


def test_what_a_tenant_booked_goes_to_who_waits_when_it_leaves(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan)
    theirs = booked(cell.client(chongqing), cell, asked(cell, key))
    waits = booked(cell.client(sichuan), cell, asked(cell, key, waits=True))
    assert state(cell.client(sichuan), theirs) == ("confirmed", None)
    leave(cell, chongqing)
    assert state(cell.client(sichuan), waits) == ("confirmed", None)


def test_what_is_booked_with_a_tenant_that_leaves_is_cancelled(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = booked(cell.client(chongqing), cell, asked(cell, opened(cell, sichuan)))
    leave(cell, sichuan)
    shown = cell.client(chongqing).get(url).json
    assert shown["state"] == "cancelled"
    assert "left the platform" in shown["reason"]
