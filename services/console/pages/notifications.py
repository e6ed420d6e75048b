"""Notifications: the bell's number, the list behind it, and which kinds somebody wants to be told of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.digest import periods
from services.console.kit.keeping import remember
from services.console.kit.notifications import (
    CHANNELS,
    MOST,
    MOST_DIGESTED,
    choose_kinds,
    kind_title,
    mark_read,
    notifications,
    silenced,
    unread,
)
from services.console.pages.frame import check_post, opens, render
from shared.core.calendar import day_of, given_moment
from shared.core.errors import InvalidError
from shared.http.requests.gate import database
from shared.pages.forms import local

THEMES = ("", "light", "dark")


@opens("/console/bell")
def bell(who: Visitor) -> Any:
    """The number alone, which the frame of every page asks for by itself."""
    return render(who, "bell.html", unread=unread(who))


@opens("/console/notifications")
def show_notifications(who: Visitor) -> Any:
    """The newest of two weeks, of one kind and of some days as the address says; or a digest of this week."""
    is_digest, kind = request.args.get("view") == "digest", request.args.get("kind", "")
    known = {one.name: one for one in periods(day_of(database().clock.now()))}
    period = known.get(request.args.get("period", ""))
    number = unread(who)
    found = notifications(who, most=MOST_DIGESTED if is_digest or period else MOST)
    bell, digest = silenced(who, "bell"), silenced(who, "digest")
    # Whoever follows a link of the digest sees what it counted.
    told = [one for one in found if one.kind == kind or (not kind and one.kind not in bell)]
    digested = [one for one in found if one.kind not in digest]
    kinds = sorted({one.kind for one in found} | bell | digest)
    return render(
        who,
        "notifications.html",
        unread=number,
        told=told if period is None else period.of(told),
        kind=kind,
        period=period,
        digest=[(one, one.counted(digested)) for one in known.values()] if is_digest else None,
        most=MOST_DIGESTED if len(found) > MOST_DIGESTED else 0,
        kinds=[(one, kind_title(one), one not in bell, one not in digest) for one in kinds],
        counts=Counter(one.kind for one in found if one.is_new),
        until=database().clock.now().isoformat(),
    )


@opens("/console/notifications", "POST")
def change_notifications(who: Visitor) -> Any:
    """Mark all as read that the page showed, or choose which kinds are told, and where."""
    if check_post() == "read":
        try:
            until = min(given_moment(request.form.get("until", "")), database().clock.now())
        except ValueError as error:
            raise InvalidError("form_incomplete", "请刷新本页后再试。", "Reload the page and try again.") from error
        mark_read(who, until.isoformat())
    else:
        offered = [name.removeprefix("offered/") for name in request.form if name.startswith("offered/")]
        silent = {channel: [one for one in offered if f"{channel}/{one}" not in request.form] for channel in CHANNELS}
        choose_kinds(who, silent)
    return redirect("/console/notifications", 303)


@opens("/console/appearance", "POST")
def change_appearance(who: Visitor) -> Any:
    """Light, dark, or as the system has it; remembered for whoever chose it."""
    given = request.form.get("theme", "")
    remember(who, "theme", value={"is": given if given in THEMES else ""})
    return redirect(local(request.form.get("back"), "/console"), 303)
