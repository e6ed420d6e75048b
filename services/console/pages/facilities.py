"""The week of a facility: what is free and what is taken, each free slot a link to its booking."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.dates import today
from services.console.kit.feeds import booked, written
from services.console.kit.forms import said_of
from services.console.kit.things import thing
from services.console.kit.weeks import WEEK, Week
from services.console.pages.calendar import CALENDAR
from services.console.pages.frame import area_named, attachment, label_of, opens, render
from shared.core.calendar import FIRST_DAY, LAST_DAY, given_day, start_of
from shared.http.requests.gate import database

AREA = "facilities"


@opens(f"/console/{AREA}/<uuid:key>/week")
def show_week(who: Visitor, key: UUID) -> Any:
    """That of the `day` in the address, or this one."""
    found = thing(who.api, area_named(who, AREA), key=str(key))
    try:
        day = given_day(request.args.get("day", ""))
    except ValueError:
        day = today()
    booking = AREAS["bookings"].creating
    can_book = booking is not None and who.does(booking)
    written = said_of(found.called.zh, None, key=str(key)) if can_book else ""
    week = Week(who.api.get(f"/v1/facilities/{key}/week", day=str(day)).body, written)
    return render(
        who,
        "week.html",
        area=found.area,
        found=found,
        week=week,
        slot_state=partial(label_of, "facilities.SlotState"),
        before=_address(key, week.monday - WEEK),
        after=_address(key, week.monday + WEEK),
    )


@opens(f"/console/{AREA}/<uuid:key>/week.ics")
def download_week(who: Visitor, key: UUID) -> Any:
    """One's own times of a week, as a file for once."""
    thing(who.api, area_named(who, AREA), key=str(key))
    try:
        day = given_day(request.args.get("day", ""))
    except ValueError:
        day = today()
    monday = day - timedelta(days=day.weekday())
    times = {"starts_from": start_of(monday).isoformat(), "starts_before": start_of(monday + WEEK).isoformat()}
    content = written(booked(who, facility=str(key), **times), at=database().clock.now())
    return attachment(content, name=f"bookings-{monday}.ics", media=CALENDAR)


def _address(key: UUID, monday: date) -> str:
    return f"/console/{AREA}/{key}/week?day={min(max(monday, FIRST_DAY), LAST_DAY)}"
