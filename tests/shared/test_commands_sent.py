"""What a tenant sent to others is listed: by state as it is shown, by thing, by home, and one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.builders.cell import Cell, Client
from tests.builders.officials import drafted
from tests.shared.test_forwarding import ask, hours_pass

ENROLMENT = "tenants.tenant.enrol_key"
"""What a tenant's cell sends first of all."""


@pytest.fixture
def park(cell: Cell, sichuan: UUID, chongqing: UUID) -> str:
    return drafted(cell, sichuan, chongqing)


def listed(cell: Cell, chongqing: UUID, query: str = "", *, subject: str | None = None) -> list[str]:
    reader = cell.client(chongqing, subject=subject) if subject else cell.client(chongqing)
    answer = reader.get(f"/v1/commands?{query}")
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"] if item["name"] != ENROLMENT]


def id_of(location: str) -> str:
    return location.rpartition("/")[2]


def test_each_state_lists_what_is_shown_in_it(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    done = id_of(ask(cell, chongqing, park))
    cell.carry()
    cell.clock.advance(timedelta(seconds=1))
    open_ = id_of(ask(cell, chongqing, park))
    assert listed(cell, chongqing) == [open_, done]
    assert (listed(cell, chongqing, "state=done"), listed(cell, chongqing, "state=pending")) == ([done], [open_])
    assert listed(cell, chongqing, "state=overdue") == []
    hours_pass(cell)
    assert (listed(cell, chongqing, "state=overdue"), listed(cell, chongqing, "state=pending")) == ([open_], [])
    assert listed(cell, sichuan) == []


def test_the_list_narrows_to_a_thing_a_home_and_ones_own(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    first, other = ask(cell, chongqing, park), drafted(cell, sichuan, chongqing)
    second = ask(cell, chongqing, other)
    both: Any = {id_of(first), id_of(second)}
    assert set(listed(cell, chongqing, f"home={sichuan}")) == both
    assert listed(cell, chongqing, f"home={chongqing}") == []
    assert listed(cell, chongqing, f"aggregate={id_of(park)}") == [id_of(first)]
    assert set(listed(cell, chongqing, "mine=true")) == both
    assert listed(cell, chongqing, "mine=true", subject="somebody-else") == []


def test_the_list_goes_on_where_a_page_ended(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    sent = {id_of(ask(cell, chongqing, park)) for _command in range(3)}
    found, cursor = list[str](), ""
    while cursor is not None:
        page = cell.client(chongqing).get(f"/v1/commands?limit=1&{cursor}").json
        found += [item["id"] for item in page["items"] if item["name"] != ENROLMENT]
        cursor = None if page["next"] is None else f"cursor={page['next']}"
    assert (len(found), set(found)) == (3, sent)


def test_whoever_acts_for_one_organisation_sees_their_own_alone(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    theirs = ask(cell, chongqing, park)
    here, subject = uuid4(), "boss"
    boss = Client(
        cell.app.test_client(),
        lambda: cell.token(chongqing, "organisation_manager", subject=subject, organisation_id=here),
    )
    assert boss.get("/v1/commands").json["items"] == []
    assert boss.get(theirs).status_code == 404
    subject = "official-1"
    assert [item["id"] for item in boss.get("/v1/commands").json["items"]] == [id_of(theirs)]
    assert boss.get(theirs).status_code == 200
