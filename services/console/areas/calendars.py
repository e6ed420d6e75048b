"""Working days of the country and of one's own jurisdiction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.console.kit.areas import area
from services.console.kit.entries import entry
from services.console.kit.things import Thing
from services.console.kit.working import by_day, whole_year
from shared.pages.asking import Api

WORKING_DAYS = "/v1/calendars/working-days"
PLATFORM = "platform"
LAST_DAY = entry(
    name="last-day",
    title="期限计算 / When a term ends",
    scope="calendars:read",
    icon="clock",
    group="work",
    order=1,
)


def year_of(api: Api, found: Thing) -> Mapping[str, Any]:
    """The whole year with the calendar's own days over those by which is counted so far."""
    document = found.document
    counted = api.get(WORKING_DAYS, year=document["year"], tenant=document["home"]).body
    special = {**by_day(counted["special_days"]), **by_day(document["days"])}
    worked = sum(bool(one["is_working"]) for one in document["days"])
    return {
        "counted": counted,
        "span": whole_year(document["year"], special.values()),
        "is_country": (found.values.names.get(document["home"]) or {}).get("code") == PLATFORM,
        "worked": worked,
        "free": len(document["days"]) - worked,
    }


area(
    name="calendars",
    path="/v1/calendars",
    kind="calendar",
    title="工作日历 / Working days",
    icon="calendar",
    group="administration",
    order=12,
    heading=("year",),
    called_as="{} 年工作日历 / Working days of {}",
    columns=("year", "home", "state", "notice", "updated_at"),
    filters=("year", "tenant", "state"),
    fields=("year", "notice", "days"),
    primary=("publish", "revise"),
    looked_at=("publish",),
    flags={"is_working": ("上班 / offices work", "放假 / day off")},
    special={"/days": "days.html"},
    template="calendar_year.html",
    shows=year_of,
    empty="尚未公布或填写新的工作日历,期限按已随平台发布的历年安排计算;未公布的年份为暂定。"
    " / No calendar was entered here yet. Terms are counted by the years that come with the platform; years without a"
    " notice are provisional.",
)
