"""Working days: set by the platform for the country, by a jurisdiction for itself, and counted by in every cell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.core.context import PLATFORM
from tests.builders.administration import system
from tests.builders.cell import Cell

NEW_YEAR = [
    {"day": "2027-01-03", "is_working": True, "name_zh": "元旦调休"},
    {"day": "2027-01-01", "is_working": False, "name_zh": "元旦"},
]
NOTICE = "国办发明电〔2026〕1号(虚构)"


def entered(cell: Cell, tenant: UUID, **changes: Any) -> str:
    draft = {"year": 2027, "days": NEW_YEAR, "notice": NOTICE, **changes}
    made = system(cell, tenant).post("/v1/calendars", draft)
    assert made.status_code == 201, made.json
    return f"/v1/calendars/{made.json['id']}"


def published(cell: Cell, tenant: UUID, **changes: Any) -> str:
    url = entered(cell, tenant, **changes)
    answer = system(cell, tenant).post(f"{url}/publish", {})
    assert answer.status_code == 200, answer.json
    cell.carry()
    return url


def last_day(cell: Cell, asking: UUID, days: int = 10, **query: Any) -> tuple[str, bool]:
    asked = {"days": days, "begins_on": "2026-12-24", **query}
    answer = cell.client(asking).get("/v1/calendars/last-day", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json["last_day"], answer.json["is_provisional"]


def test_a_year_is_provisional_until_the_platform_publishes_it_and_is_counted_anew_in_every_tenant(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    assert last_day(cell, sichuan) == ("2027-01-08", True)
    url = entered(cell, PLATFORM)
    cell.carry()
    assert last_day(cell, sichuan) == ("2027-01-08", True)
    assert system(cell, PLATFORM).post(f"{url}/publish", {}).status_code == 200
    cell.carry()
    assert last_day(cell, sichuan) == last_day(cell, chongqing) == ("2027-01-07", False)
    shown = cell.client(sichuan).get("/v1/calendars", query_string={"year": 2027}).json["items"]
    assert [(item["state"], item["notice"], len(item["days"])) for item in shown] == [("published", NOTICE, 2)]
    revised = system(cell, PLATFORM).patch(url, {"days": NEW_YEAR[1:]})
    assert revised.status_code == 200, revised.json
    cell.carry()
    assert last_day(cell, sichuan) == ("2027-01-08", False)


def test_days_of_a_jurisdiction_hold_for_it_alone_and_make_no_year_firm(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    begins = {"begins_on": "2027-12-23"}
    published(cell, sichuan, year=2028, days=[{"day": "2028-01-04", "is_working": False, "name_zh": "地方假日"}])
    assert last_day(cell, sichuan, **begins) == ("2028-01-10", True)
    assert last_day(cell, chongqing, **begins) == ("2028-01-07", True)
    assert last_day(cell, chongqing, tenant=str(sichuan), **begins) == ("2028-01-10", True)


def test_what_is_on_the_way_is_told_with_its_name(cell: Cell, sichuan: UUID) -> None:
    asked = {"days": 3, "begins_on": "2026-02-13"}
    answer = cell.client(sichuan).get("/v1/calendars/last-day", query_string=asked).json
    assert (answer["last_day"], answer["is_provisional"], answer["unit"]) == ("2026-02-25", False, "working")
    assert [(one["day"], one["is_working"], one["name_zh"]) for one in answer["special_days"]][:2] == [
        ("2026-02-14", True, None), ("2026-02-16", False, "春节"),
    ]  # fmt: skip
    calendar_days = {**asked, "begins_on": "2026-09-30", "unit": "calendar"}
    assert (
        cell.client(sichuan).get("/v1/calendars/last-day", query_string=calendar_days).json["last_day"] == "2026-10-08"
    )


def test_a_calendar_is_kept_by_its_own_administrators_alone(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = published(cell, sichuan)
    for client in (system(cell, chongqing), system(cell, PLATFORM)):
        assert client.patch(url, {"days": []}).status_code in (403, 404)
    assert cell.client(sichuan).post("/v1/calendars", {"year": 2028, "days": []}).status_code == 403
    shown = cell.client(sichuan).get(url).json
    assert shown["allowed_actions"] == []
    assert system(cell, sichuan).get(url).json["allowed_actions"] == ["revise"]


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({"days": [{"day": "2028-01-03", "is_working": True, "name_zh": "调休"}]}, "/days/0/day"),
        ({"days": [NEW_YEAR[0], NEW_YEAR[0]]}, "/days/1/day"),
        ({"days": [{"day": "2027-02-30", "is_working": True, "name_zh": "调休"}]}, "/days/0/day"),
        ({"year": 1999}, "/year"),
    ],
)
def test_days_that_cannot_be_are_named(cell: Cell, sichuan: UUID, draft: dict[str, Any], pointer: str) -> None:
    answer = system(cell, sichuan).post("/v1/calendars", {"year": 2027, "days": NEW_YEAR, **draft})
    assert answer.status_code == 422
    assert pointer in [one["pointer"] for one in answer.json["errors"]]


def test_nothing_is_published_without_a_notice_and_no_year_is_entered_twice(cell: Cell, sichuan: UUID) -> None:
    url = entered(cell, sichuan, notice=None)
    answer = system(cell, sichuan).post(f"{url}/publish", {})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/notice")
    again = system(cell, sichuan).post("/v1/calendars", {"year": 2027, "days": []})
    assert (again.status_code, again.json["code"]) == (409, "calendar_exists")
