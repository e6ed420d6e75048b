"""Notifications: the bell's number, the list behind it, and which kinds somebody wants to be told of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.keeping import remember
from services.console.kit.notifications import (
    choose_kinds,
    hidden_kinds,
    kind_title,
    mark_read,
    notifications,
    unread,
)
from services.console.pages.frame import check_post, opens, render
from shared.core.calendar import given_moment
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
    """The newest of two weeks; of one kind, as the address says."""
    found, hidden = notifications(who), hidden_kinds(who)
    number = unread(who)
    kinds = sorted({one.kind for one in found} | hidden)
    kind = request.args.get("kind", "")
    return render(
        who,
        "notifications.html",
        unread=number,
        told=[one for one in found if kind in ("", one.kind)],
        kind=kind,
        kinds=[(one, kind_title(one), one in hidden) for one in kinds],
        counts=Counter(one.kind for one in found if one.is_new),
        until=database().clock.now().isoformat(),
    )


@opens("/console/notifications", "POST")
def change_notifications(who: Visitor) -> Any:
    """Mark all as read that the page showed, or choose which kinds are told."""
    if check_post() == "read":
        try:
            until = min(given_moment(request.form.get("until", "")), database().clock.now())
        except ValueError as error:
            raise InvalidError("form_incomplete", "请刷新本页后再试。", "Reload the page and try again.") from error
        mark_read(who, until.isoformat())
    else:
        offered = [name.removeprefix("kind/") for name in request.form if name.startswith("kind/")]
        choose_kinds(who, [one for one in offered if request.form[f"kind/{one}"] == "hidden"])
    return redirect("/console/notifications", 303)


@opens("/console/appearance", "POST")
def change_appearance(who: Visitor) -> Any:
    """Light, dark, or as the system has it; remembered for whoever chose it."""
    given = request.form.get("theme", "")
    remember(who, "theme", value={"is": given if given in THEMES else ""})
    return redirect(local(request.form.get("back"), "/console"), 303)
