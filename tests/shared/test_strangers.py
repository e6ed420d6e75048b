"""A stranger who signs the next version of another's aggregate, or its first one, holds nothing up."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from services.parks.models import Park
from shared.database.rows import state_of
from shared.journal.progress import ProgressRow
from tests.builders.cell import Cell
from tests.builders.officials import drafted, park_draft
from tests.shared.test_registers import forged, hand


def progress(cell: Cell, tenant: UUID, key: UUID) -> tuple[UUID, int, str]:
    with cell.session(tenant) as session:
        row = session.scalars(select(ProgressRow).where(ProgressRow.aggregate_id == key)).one()
        return row.home_id, row.version, row.status


def test_the_next_version_signed_by_a_stranger_is_passed_over(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    stranger, url = cell.tenant("stranger"), drafted(cell, sichuan, chongqing)
    key = UUID(url.rpartition("/")[2])
    with cell.session(sichuan) as session:
        state = state_of(session.one(Park, key))
    forgery = forged(
        cell, stranger, state, aggregate=key, aggregate_type=Park.kind, type="parks.park.resumed.v1", change={},
        version=2, parties=tuple(sorted((stranger, chongqing))),
    )  # fmt: skip
    hand(cell, forgery)
    assert progress(cell, chongqing, key) == (sichuan, 1, "in_step")
    assert cell.client(sichuan).patch(url, {"sectors": ["芯片"]}).status_code == 200
    cell.carry()
    assert cell.client(chongqing).get(url).json["sectors"] == ["芯片"]


def test_a_stranger_who_comes_first_is_forgotten_when_the_home_proves_itself(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    stranger = cell.tenant("stranger")
    made = cell.client(sichuan).post("/v1/parks", park_draft(sichuan, chongqing)).json
    waiting, key = cell.take_unsent(), UUID(made["id"])
    with cell.session(sichuan) as session:
        state = state_of(session.one(Park, key))
    forgery = forged(
        cell, stranger, state, aggregate=key, aggregate_type=Park.kind, type="parks.park.resumed.v1", change={},
        version=2, parties=tuple(sorted((stranger, chongqing))),
    )  # fmt: skip
    hand(cell, forgery)
    assert progress(cell, chongqing, key) == (stranger, 0, "held")
    cell.deliver(waiting)
    cell.carry()
    assert progress(cell, chongqing, key) == (sichuan, 1, "in_step")
    assert cell.client(chongqing).get(f"/v1/parks/{key}").status_code == 200
