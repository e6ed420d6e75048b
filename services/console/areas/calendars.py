"""Working days of the country and of one's own jurisdiction."""

from __future__ import annotations

from services.console.kit.areas import area

area(
    name="calendars",
    path="/v1/calendars",
    kind="calendar",
    title="工作日历 / Working days",
    icon="calendar",
    group="administration",
    order=12,
    heading=("year",),
    columns=("year", "home", "state", "notice", "updated_at"),
    filters=("year", "tenant", "state"),
    fields=("year", "notice", "days"),
    primary=("publish", "revise"),
    empty="尚未公布或填写新的工作日历,期限按已随平台发布的历年安排计算;未公布的年份为暂定。"
    " / No calendar was entered here yet. Terms are counted by the years that come with the platform; years without a"
    " notice are provisional.",
)
