"""Work: what waits for whom, as the API's index of it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from services.console.calling.visits import Visitor
from services.console.kit.areas import area_of, kind_said
from services.console.kit.documents import ANYTHING
from services.console.kit.times import SOON, lasting
from services.console.kit.values import Values, as_reference
from shared.core.calendar import day_of, end_of, read_moment
from shared.http.requests.gate import database
from shared.pages.languages import named, t


@dataclass(frozen=True)
class Wait:
    """One thing and the action it waits for."""

    row: Mapping[str, Any]
    values: Values
    is_mine: bool

    @property
    def what(self) -> str:
        """The action."""
        return t(self.row["action_zh"], self.row["action_en"])

    @property
    def name(self) -> str:
        """The thing."""
        return named(self.row["name_zh"], self.row.get("name_en") or self.row["name_zh"])

    @property
    def kind(self) -> str:
        """What sort of thing it is; '' where the console has no page for it."""
        return kind_said(str(self.row["kind"]))

    @property
    def url(self) -> str:
        """Its page; '' where there is none."""
        parts = [part for part in str(self.row["url"]).split("/") if part][1:]
        area = area_of(str(self.row["kind"]).rpartition(".")[2])
        if area is None:
            return ""
        places = [part for part in area.one.split("/") if part][1:]
        key = [given for given, place in zip(parts, places, strict=False) if place.startswith("{")]
        if len(key) < len(area.address) and area.within:
            # What waits is a part, but the address is that of the whole.
            return f"/console/{area.within}/{key[0]}?tab={area.name}"
        return f"/console/{area.name}/{'/'.join(key)}"

    @property
    def waited(self) -> str:
        """How long it has waited, and how long was agreed, in days: 已等 2 天,约定 5 天."""
        since, now = read_moment(self.row["since"]), database().clock.now()
        so_far = lasting((now - since).total_seconds())
        if not self.row["due"]:
            return so_far
        return f"{so_far} / {lasting((read_moment(self.row['due']) - since).total_seconds())}"

    @property
    def next_step(self) -> str:
        """What can be done about it."""
        if self.row["overdue"]:
            return t("已逾期,请联系对方催办", "Overdue: ask them about it")
        if self.row["due"]:
            last = day_of(read_moment(self.row["due"]) - timedelta(seconds=1))
            return t(f"{last:%m-%d} 之后可催办", f"Remind them after {last:%m-%d}")
        return t("没有期限,可随时联系对方", "No date is set: get in touch any time")

    @property
    def parties(self) -> list[str]:
        """For whom it waits."""
        return [str(one) for one in self.row["waits_for"]]


def waits_of(who: Visitor, thing: str) -> list[Wait]:
    """What one thing waits for, one's own tenant's turn first."""
    if not thing or not who.may("work:read"):
        return []
    return [
        *waits(who, whose="tenant", aggregate=thing, limit=10)[0],
        *waits(who, whose="others", aggregate=thing, limit=10)[0],
    ]


def waits(who: Visitor, *, whose: str, **filters: Any) -> tuple[list[Wait], int | None]:
    """A page of what waits for `me`, the `tenant` or `others` alone; and how much there is, where the API says."""
    asked = {"for": "others_alone" if whose == "others" else whose}
    body = who.api.get("/v1/work", **asked, count="true", **filters).body
    values = Values(body.get("names", {}))
    return [Wait(row, values, whose != "others") for row in body["items"]], body.get("total")


def urgency(found: Sequence[Wait]) -> list[tuple[str, int, str]]:
    """How many of them are overdue, due today and soon: the class of each, the number, and how it is said."""
    now = database().clock.now()
    today = day_of(now)
    counts = {"late": 0, "today": 0, "soon": 0}
    for one in found:
        due = read_moment(one.row["due"]) if one.row["due"] else None
        if due is not None and due <= end_of(today + timedelta(days=SOON)):
            counts["late" if due <= now else "today" if due <= end_of(today) else "soon"] += 1
    said = {
        "late": t("逾期", "overdue"),
        "today": t("今天到期", "due today"),
        "soon": t(f"{SOON} 天内", f"within {SOON} days"),
    }
    return [(kind, number, said[kind]) for kind, number in counts.items() if number]


def commands_sent(who: Visitor, *, most: int) -> list[Mapping[str, Any]]:
    """What the reader has asked other jurisdictions to do, newest first, each with what its home is called."""
    if not who.may("commands:read"):
        return []
    body = who.api.get("/v1/commands", mine="true", limit=most).body
    names = body.get("names", {})
    return [{**row, "home_name": names.get(row["home"]), "about": about(row, names)} for row in body["items"]]


def about(command: Mapping[str, Any], names: Mapping[str, Any]) -> Markup:
    """The thing that a command is about, with a link to its page."""
    return as_reference(Values(names), ANYTHING, value=command["aggregate"])
