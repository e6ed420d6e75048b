"""The calendar: what is due, month by month, as a grid and as a list, and for other calendar programs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.dates import Month, all_due, today, weekdays
from services.console.kit.feeds import events_behind, events_of, feed, keep_current, subscribe, unsubscribe, written
from services.console.pages.frame import check_post, opens, render
from services.console.routes import routes
from shared.core.calendar import FIRST_DAY, LAST_DAY, given_day
from shared.core.errors import NotFoundError
from shared.http.requests.gate import database
from shared.pages.visiting import page

CALENDAR = "text/calendar; charset=utf-8"


@opens("/console/calendar", "GET POST")
def show_calendar(who: Visitor) -> Any:
    """One month, this one unless the address says which, `month=2026-12`; a form subscribes or ends that."""
    waits, is_whole = all_due(who)
    address = ""
    if request.method == "POST":
        if check_post() == "end":
            unsubscribe(who)
            return redirect("/console/calendar", 303)
        # Shown this once: what is kept is a hash.
        address = f"{database().settings.issuer}/console/calendar/feed.ics?key={subscribe(who, waits)}"
    keep_current(who, waits)
    try:
        first = given_day(f"{request.args.get('month', '')}-01")
    except ValueError:
        first = today().replace(day=1)
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return render(
        who,
        "calendar.html",
        month=Month(first, waits),
        weekdays=weekdays(),
        before=_address(before),
        after=_address(after),
        undated=[one for one in waits if not one.row["due"]],
        is_whole=is_whole,
        feed=feed(who),
        address=address,
    )


def _address(day: date) -> str:
    return f"/console/calendar?month={min(max(day, FIRST_DAY), LAST_DAY):%Y-%m}"


@opens("/console/calendar.ics")
def download_calendar(who: Visitor) -> Any:
    """What is due now, as a file for once."""
    waits, _ = all_due(who)
    response = Response(written(events_of(waits), at=database().clock.now()), content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="xietong.ics"'
    return response


@routes.page("GET", "/console/calendar/feed.ics")
@page
def fetch_feed() -> Any:
    """For calendar programs, which cannot sign in: the address is the proof, and tells what its owner saw last."""
    try:
        events, kept_at = events_behind(request.args.get("key", ""))
    except LookupError as error:
        raise NotFoundError(
            "feed_ended",
            "这个订阅地址已停用。请在日历页重新生成。",
            "This address is void. Make a new one on the calendar page.",
        ) from error
    response = Response(written(events, at=kept_at), content_type=CALENDAR)
    response.headers["Cache-Control"] = "private, no-store"
    return response
