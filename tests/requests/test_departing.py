"""Nothing waits for who is not there: a tenant that has left, a park that has ended, a missing coordinator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.requests.domain.cases import MOST_FORWARDS, check_forward
from services.requests.domain.waiting import ACCEPT, AGREEMENT, ASSIGN, waits_of
from shared.core.errors import ConflictError
from tests.builders.cell import Cell
from tests.builders.leaving import follow, leave
from tests.requests.given import REASON, answered_by, drafted, opened
from tests.requests.test_matters import Park, park

__all__ = ["park"]
HOME, HANDLER, OFFICE = (UUID(int=number) for number in range(1, 4))


def row(**changes: Any) -> Any:
    """Of a case, as far as its duties need it."""
    given = {
        "state": "filed", "forwards": [{}] * MOST_FORWARDS, "is_final": False, "coordinator": OFFICE,
        "handler": HANDLER, "home_id": HOME, "tenant_id": HOME, "parts": [], "proposal": None, "clocks": [],
        "due_on": None, "updated_at": None, "organisation_id": None,
    }  # fmt: skip
    return SimpleNamespace(**{**given, **changes})


def test_what_was_forwarded_often_waits_for_the_coordinator_or_else_for_its_handler() -> None:
    assert [(one.duty, one.parties) for one in waits_of(row())] == [(ASSIGN, [OFFICE])]
    assert [(one.duty, one.parties) for one in waits_of(row(coordinator=None))] == [(ACCEPT, [HANDLER])]
    alone = {"is_final": False, "forwards": [{}] * MOST_FORWARDS, "coordinator": None}
    with pytest.raises(ConflictError, match="no coordinator"):
        check_forward(alone)


def test_a_day_that_is_proposed_to_a_tenant_waits_for_its_officials_where_no_organisation_asks() -> None:
    case = row(forwards=[], proposal={"by": "handler"})
    assert [one.by_organisation for one in waits_of(case) if one.duty is AGREEMENT] == [False]
    case = row(forwards=[], proposal={"by": "handler"}, organisation_id=UUID(int=9))
    assert [one.by_organisation for one in waits_of(case) if one.duty is AGREEMENT] == [True]


def test_what_all_others_have_signed_holds_without_who_has_left(cell: Cell, park: Park) -> None:
    sichuan, chongqing, guizhou = park.parties
    url = park.begun()
    park.proposed(url, answered_by(sichuan), by=sichuan)
    for party in (sichuan, chongqing):
        park.sign(url, 1, by=party)
    assert cell.client(sichuan).get(f"{url}/revisions/1").json["state"] == "proposed"
    leave(cell, guizhou)
    states = [cell.client(party).get(f"{url}/revisions/1").json["state"] for party in (sichuan, chongqing)]
    assert states == ["in_force"] * 2


def test_a_duty_table_ends_with_its_park(cell: Cell, park: Park) -> None:
    sichuan = park.parties[0]
    url = park.agreed(answered_by(sichuan))
    assert cell.client(sichuan).post(f"/v1/parks/{park.key}/withdraw", REASON).status_code == 200
    cell.carry()
    follow(cell)
    states = [cell.client(party).get(f"{url}/revisions/1").json["state"] for party in park.parties]
    assert states == ["ended"] * 3


def test_nothing_is_filed_to_a_tenant_that_has_left(cell: Cell, sichuan: UUID) -> None:
    gone = cell.tenant("guizhou")
    case = drafted(cell.client(sichuan), opened(cell, gone))
    leave(cell, gone)
    assert cell.client(sichuan).post(f"{case}/file", {}).status_code == 422


def test_the_coordinator_is_who_it_is_when_the_case_is_filed(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    handler = cell.tenant("guizhou")
    item = opened(cell, handler)
    case = drafted(cell.client(sichuan), item)
    assert cell.client(handler).patch(f"/v1/service-items/{item}", {"coordinator": str(chongqing)}).status_code == 200
    cell.carry()
    filed = cell.client(sichuan).post(f"{case}/file", {})
    assert (filed.status_code, filed.json["coordinator"]) == (200, str(chongqing))
