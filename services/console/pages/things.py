"""The page of one thing: its state, whose turn it is, what may be done, its parts, its history, who has it."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.keeping import is_bookmarked, toggle_bookmark
from services.console.kit.lists import Asked, listed
from services.console.kit.things import delivery_of, history_of, parent_of, tabs_of, thing
from services.console.kit.timeline import timeline_of
from services.console.kit.work import waits_of
from services.console.pages.frame import area_named, opens, render
from shared.pages.languages import t


@opens("/console/<string:name>/<path:key>")
def show_thing(who: Visitor, name: str, *, key: str) -> Any:
    """One tab of it."""
    area = area_named(who, name)
    found = thing(who.api, area, key=key)
    tabs = tabs_of(found, may=who.may)
    tab = request.args.get("tab", "")
    if tab not in [one.name for one in tabs]:
        tab = ""
    part = timeline = None
    if tab == "timeline":
        timeline = timeline_of(who.api, found, cursor=request.args.get("at"))
    elif tab and tab != "delivery":
        asked = Asked(AREAS[tab], request.args.to_dict(flat=False), found.url)
        part = listed(who.api, asked, key=key)
    elif not tab and history_of(area, "timeline"):
        timeline = timeline_of(who.api, found, most=5)
    done = area.acting.get(request.args.get("done", ""))
    return render(
        who,
        "thing.html",
        area=area,
        found=found,
        acts=found.acts(),
        tabs=tabs,
        tab=tab,
        part=part,
        timeline=timeline,
        delivery=delivery_of(who.api, found),
        waits=waits_of(who, str(found.document.get("id", ""))),
        done=done.title if done else None,
        is_new="made" in request.args,
        parent=parent_of(who.api, found),
        own=area.shows(who.api, found) if area.shows and not tab else {},
        can_export=not area.within and bool(history_of(area, "timeline")) and who.may("journal:export"),
        is_bookmarked=is_bookmarked(who, found.url),
    )


@opens("/console/bookmark", "POST")
def bookmark(who: Visitor) -> Any:
    """Add the page to those that one wants to find again, or take it away."""
    place = request.form.get("place", "")
    if place.startswith("/console/") and len(place) < 300:
        toggle_bookmark(who, place, title=request.form.get("title", place))
        return redirect(place, 303)
    return redirect("/console", 303)


@opens("/console/files/<sha256:sha256>/<path:name>")
def download_file(who: Visitor, sha256: str, *, name: str) -> Any:
    """A file that somebody cited, under the name it was given."""
    answer = who.api.get(f"/v1/files/{sha256}")
    response = Response(answer.content, content_type=answer.headers.get("Content-Type", "application/octet-stream"))
    response.headers["Content-Disposition"] = answer.headers.get("Content-Disposition", "attachment")
    response.headers["X-File-Name"] = name.encode("ascii", "replace").decode()
    return response


@opens("/console/<string:name>/<path:key>/journal")
def export_journal(who: Visitor, name: str, *, key: str) -> Any:
    """The signed journal of the thing, which anybody can verify offline."""
    area_named(who, name)
    answer = who.api.get(f"/v1/journals/{key}")
    response = Response(answer.content, content_type=answer.headers.get("Content-Type", "application/json"))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{key[:8]}-{t("日志", "journal")}.json"'
    return response
