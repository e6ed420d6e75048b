"""A booking between two tenants: asked for in one, decided in the other, and both see the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.facilities.builders import asked, at, booked, do, drafted, opened, state
from tests.organisations.builders import registered, representative

REASON = {"reason": "检修"}


def weeks_slots(cell: Cell, tenant: UUID, key: str, *, day: int = 7) -> dict[str, str]:
    """What a tenant sees of a day: the state of each slot by its hour in Beijing."""
    shown = cell.client(tenant).get(f"/v1/facilities/{key}/week", query_string={"day": at(cell, 9, day=day).date()})
    assert shown.status_code == 200, shown.json
    (found,) = [one for one in shown.json["days"] if one["day"] == str(at(cell, 9, day=day).date())]
    return {str(int(one["starts_at"][11:13]) + 8): one["state"] for one in found["slots"]}


def test_a_draft_is_shown_to_nobody_else_and_once_open_to_everybody(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = drafted(cell, sichuan)
    cell.carry()
    other = cell.client(chongqing)
    assert other.get(f"/v1/facilities/{key}").status_code == 404
    assert other.get(f"/v1/facilities/{key}/week").status_code == 404
    assert key not in [one["id"] for one in other.get("/v1/facilities").json["items"]]
    assert other.post("/v1/bookings", asked(cell, key)).status_code == 404
    assert cell.client(sichuan).post(f"/v1/facilities/{key}/open").status_code == 200
    cell.carry()
    shown = other.get(f"/v1/facilities/{key}").json
    assert (shown["state"], shown["home"], shown["allowed_actions"]) == ("open", str(sichuan), [])
    found = other.get("/v1/facilities", query_string={"tenant": str(sichuan), "kind": "room", "q": "会议室"}).json
    assert [one["id"] for one in found["items"]] == [key]


def test_a_free_time_is_confirmed_in_both_tenants_and_taken_for_everybody(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    key = opened(cell, sichuan, hourly_price="120.5")
    url = booked(cell.client(chongqing), cell, asked(cell, key, (9, 11)))
    here, there = (cell.client(one).get(url).json for one in (chongqing, sichuan))
    assert {name: here[name] for name in here if name != "allowed_actions"} == {
        name: there[name] for name in there if name != "allowed_actions"
    }
    assert (here["state"], here["price"], here["owner"], here["home"]) == (
        "confirmed", "241", str(sichuan), str(chongqing),
    )  # fmt: skip
    for tenant in (sichuan, chongqing, cell.tenant("guizhou")):
        seen = weeks_slots(cell, tenant, key)
        assert [seen[hour] for hour in ("9", "10", "11")] == ["taken", "taken", "free"]
    assert do(cell, cell.client(chongqing), f"{url}/cancel", REASON) == 200
    assert set(weeks_slots(cell, sichuan, key).values()) == {"free"}


def test_a_taken_time_is_refused_with_the_reason_and_can_be_waited_for(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    key = opened(cell, sichuan)
    own, other = cell.client(sichuan), cell.client(chongqing)
    first = booked(own, cell, asked(cell, key, (9, 12)))
    second = booked(other, cell, asked(cell, key, (11, 13)))
    third = booked(own, cell, asked(cell, key, (11, 12), waits=True))
    assert state(own, first) == ("confirmed", None)
    assert state(other, second) == ("refused", "taken")
    assert state(own, third) == ("waiting", None)
    assert do(cell, other, f"{second}/wait") == 200
    assert state(other, second) == ("waiting", None)
    assert do(cell, own, f"{first}/cancel", REASON) == 200
    assert (state(own, third), state(other, second)) == (("confirmed", None), ("waiting", None))
    assert do(cell, own, f"{third}/cancel", REASON) == 200
    assert state(other, second) == ("confirmed", None)


def test_a_time_that_needs_approval_is_held_until_the_owner_decides(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan, approval="owner")
    own, other = cell.client(sichuan), cell.client(chongqing)
    first = booked(other, cell, asked(cell, key))
    second = booked(other, cell, asked(cell, key, waits=True))
    assert (state(other, first), state(other, second)) == (("held", None), ("waiting", None))
    waits = own.get("/v1/work", query_string={"limit": 100}).json["items"]
    assert [one["action"] for one in waits if one["url"] == first] == ["approve"]
    assert do(cell, other, f"{first}/approve") == 403
    assert do(cell, own, f"{first}/refuse", REASON) == 202
    assert state(other, first) == ("refused", "owner")
    assert other.get(first).json["reason"] == "检修"
    assert state(other, second) == ("held", None)
    assert do(cell, own, f"{second}/approve") == 202
    assert (state(own, second), state(other, second)) == (("confirmed", None), ("confirmed", None))


def test_what_nobody_answered_comes_to_nothing_when_it_begins(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan, approval="owner")
    url = booked(cell.client(chongqing), cell, asked(cell, key, day=1))
    cell.clock.offset = timedelta(days=2)
    cell.run_timers()
    cell.carry()
    assert state(cell.client(chongqing), url) == ("refused", "unanswered")


@pytest.mark.parametrize(("comes", "end"), [(True, "used"), (False, "no_show")])
def test_whoever_is_not_noted_did_not_come(cell: Cell, sichuan: UUID, chongqing: UUID, comes: bool, end: str) -> None:
    key = opened(cell, sichuan, check_in=True, hourly_price="100")
    url = booked(cell.client(chongqing), cell, asked(cell, key, (9, 12), day=1))
    for hour in (9.5, 13):
        cell.clock.offset = timedelta(0)
        cell.clock.offset = at(cell, 0, day=1) + timedelta(hours=hour) - cell.clock.now()
        cell.run_timers()
        cell.carry()
        if comes and hour < 10:
            assert do(cell, cell.client(sichuan), f"{url}/arrive") == 202
    assert state(cell.client(sichuan), url) == (end, None)
    year = at(cell, 9, day=0).year
    report = cell.client(sichuan).get(f"/v1/facilities/{key}/usage", query_string={"year": year}).json
    month = report["months"][at(cell, 9, day=0).month - 1]
    for shown in (report, month):
        assert (shown["bookings"], shown["used"], shown["no_shows"]) == (1, int(comes), int(not comes))
        assert (shown["used_hours"], shown["amount"]) == (("3", "300") if comes else ("0", "0"))
    assert cell.client(chongqing).get(f"/v1/facilities/{key}/usage").status_code == 404


@pytest.mark.parametrize(
    ("hours", "changes", "pointers"),
    [
        ((9, 10), {"people": 11}, ["/people"]),
        ((8, 10), {}, ["/ends_at"]),
        ((9, 18), {}, ["/ends_at"]),
        ((17, 19), {"people": 20}, ["/people", "/ends_at"]),
        ((11, 10), {}, ["/ends_at"]),
    ],
)
def test_what_does_not_fit_is_refused_at_once_with_all_that_is_wrong(
    cell: Cell, sichuan: UUID, chongqing: UUID, hours: tuple[int, int], changes: dict[str, Any], pointers: list[str]
) -> None:
    key = opened(cell, sichuan)
    answer = cell.client(chongqing).post("/v1/bookings", asked(cell, key, hours, **changes))
    assert answer.status_code == 422, answer.json
    assert [one["pointer"] for one in answer.json["errors"]] == pointers


def test_it_is_booked_by_those_it_is_open_to(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan, only_for=[str(chongqing)], open_to=["organisations"])
    organisation = registered(cell.client(chongqing))
    person = representative(cell, chongqing, organisation=organisation["id"], role="organisation_member")
    refused = cell.client(chongqing).post("/v1/bookings", asked(cell, key))
    assert (refused.status_code, refused.json["code"]) == (403, "facility_not_for_you")
    url = booked(person, cell, asked(cell, key))
    assert state(person, url) == ("confirmed", None)
    assert person.get(url).json["organisation"] == organisation["id"]
    assert person.get(url).json["allowed_actions"] == ["cancel"]
    stranger = representative(cell, chongqing, organisation=registered(cell.client(chongqing))["id"])
    assert stranger.get(url).status_code == 404
    assert stranger.get("/v1/bookings").json["items"] == []
    assert do(cell, person, f"{url}/cancel", REASON) == 200


def test_a_closed_facility_takes_nothing_new_and_keeps_what_is_confirmed(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    key = opened(cell, sichuan)
    url = booked(cell.client(chongqing), cell, asked(cell, key))
    assert cell.client(sichuan).post(f"/v1/facilities/{key}/close", REASON).status_code == 200
    late = cell.client(chongqing).post("/v1/bookings", asked(cell, key, (10, 11)))
    assert late.status_code == 201, "the register here has not heard of it"
    cell.carry()
    assert state(cell.client(chongqing), f"/v1/bookings/{late.json['id']}") == ("refused", "closed")
    again = cell.client(chongqing).post("/v1/bookings", asked(cell, key, (10, 11)))
    assert (again.status_code, again.json["code"]) == (409, "facility_closed")
    assert state(cell.client(chongqing), url) == ("confirmed", None)
    assert do(cell, cell.client(sichuan), f"{url}/cancel", REASON) == 202
    assert state(cell.client(chongqing), url) == ("cancelled", None)
