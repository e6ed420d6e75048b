"""Tenants: created by the platform, keyed by their cell, listed for everybody."""

from __future__ import annotations

from uuid import UUID

from shared.context import PLATFORM
from shared.keys import SigningKey
from tests.builders.cell import Cell


def test_a_new_tenant_gets_its_first_key_from_its_own_cell(cell: Cell) -> None:
    key = cell.tenant("sichuan")
    listed = cell.client(key).get(f"/v1/tenants/{key}").json
    with cell.session(key) as session:
        row = session.query(SigningKey).one()
    assert listed["keys"][0]["key"] == row.key
    assert row.active_at is not None


def test_a_suspended_tenant_is_answered_403_at_once(cell: Cell, sichuan: UUID) -> None:
    platform = cell.client(PLATFORM, "system_administrator")
    assert platform.post(f"/v1/tenants/{sichuan}/suspend", {"reason": "test"}).status_code == 200
    cell.carry()
    answer = cell.client(sichuan).get("/v1/tenants")
    assert (answer.status_code, answer.json["code"]) == (403, "tenant_not_active")
    assert platform.post(f"/v1/tenants/{sichuan}/reactivate").status_code == 200
    cell.carry()
    assert cell.client(sichuan).get("/v1/tenants").status_code == 200
