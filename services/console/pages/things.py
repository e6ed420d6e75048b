"""The page of one thing: its state, whose turn it is, what may be done, its parts, its history, who has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS, Area
from services.console.kit.keeping import is_bookmarked, toggle_bookmark, told_once
from services.console.kit.lists import Asked, Listed, listed
from services.console.kit.things import (
    Act,
    Thing,
    delivery_of,
    history_of,
    panels_of,
    parent_of,
    tabs_of,
    tenants_in,
)
from services.console.kit.timeline import Timeline, timeline_of
from services.console.kit.turns import turn_of
from services.console.kit.watching import watch_of, watched
from services.console.pages.frame import area_named, attachment, opens, render
from shared.pages.asking import Answer
from shared.pages.languages import t


@opens("/console/<string:name>/<path:key>")
def show_thing(who: Visitor, name: str, *, key: str) -> Any:
    """One tab of it."""
    area = area_named(who, name)
    if area.showing is None:
        raise LookupError(name)
    return page_of(who, watched(who.api, area, key=key))


def page_of(who: Visitor, found: Thing) -> Any:
    """The page of a thing, also of one that there is no list of."""
    area = found.area
    delivery = delivery_of(who.api, found)
    # Of what is known from a register alone this tenant keeps no journal.
    is_kept = delivery is not None or history_of(area, "delivery") is None
    tabs = [one for one in tabs_of(found, may=who.may) if is_kept or one.name not in ("timeline", "delivery")]
    tab = request.args.get("tab", "")
    if tab not in [one.name for one in tabs]:
        tab = ""
    part, timeline = parts_of(who, found, tab=tab, is_kept=is_kept)
    return render(
        who,
        "thing.html",
        area=area,
        found=found,
        acts=found.acts(who.may),
        panels=panels_of(who.api, found, may=who.may) if not tab else (),
        files=[one for one in area.downloadable(of_one=True) if who.may(one.scope)],
        tabs=tabs,
        tab=tab,
        part=part,
        row_acts=row_acts(who, part),
        timeline=timeline,
        delivery=delivery,
        takers=tenants_in(found),
        turn=turn_of(who, found),
        done=told_once(who, request.path),
        parent=parent_of(who.api, found),
        own=area.shows(who.api, found) if area.shows and not tab else {},
        can_export=is_kept and not area.within and bool(history_of(area, "timeline")) and who.may("journal:export"),
        is_bookmarked=is_bookmarked(who, found.url),
        watch=watch_of(found),
    )


def parts_of(who: Visitor, found: Thing, *, tab: str, is_kept: bool) -> tuple[Listed | None, Timeline | None]:
    """What a tab lists, and the timeline where it is shown: whole in its tab, its latest in the overview."""
    if tab == "timeline":
        return None, timeline_of(who.api, found, cursor=request.args.get("at"))
    if tab and tab != "delivery":
        asked = Asked(AREAS[tab], request.args.to_dict(flat=False), f"{found.url}?tab={tab}")
        return listed(who.api, asked, key=found.key), None
    is_shown = not tab and is_kept and history_of(found.area, "timeline")
    return None, timeline_of(who.api, found, most=5) if is_shown else None


def row_acts(who: Visitor, part: Listed | None) -> Mapping[str, list[Act]]:
    """What may be done to parts that have no page of their own, by their key; nothing where none may be."""
    if part is None or part.area.showing is not None:
        return {}
    rows = [Thing(part.area, part.area.key(row), Answer(200, row, {})) for row in part.items]
    found = {one.key: one.acts(who.may) for one in rows}
    return found if any(found.values()) else {}


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
    return attachment(answer.content, name=name, media=answer.headers.get("Content-Type", "application/octet-stream"))


@opens("/console/<string:name>/<path:key>/journal")
def export_journal(who: Visitor, name: str, *, key: str) -> Any:
    """The signed journal of the thing, which anybody can verify offline."""
    area_named(who, name)
    answer = who.api.get(f"/v1/journals/{key}")
    named = f"{name}-{key[:8]}-{t('日志', 'journal')}.json"
    return attachment(answer.content, name=named, media=answer.headers.get("Content-Type", "application/json"))


@opens("/console/<string:name>/<path:key>/file/<string:operation>")
def download_of_one(who: Visitor, name: str, *, key: str, operation: str) -> Any:
    """A file that the API makes of one thing."""
    return file_of(who, area_named(who, name), key=key, operation=operation)


@opens("/console/<string:name>/file/<string:operation>")
def download_of_all(who: Visitor, name: str, *, operation: str) -> Any:
    """A file that the API makes of the whole list."""
    return file_of(who, area_named(who, name), key="", operation=operation)


def file_of(who: Visitor, area: Area, *, key: str, operation: str) -> Response:
    """A file that the area declares, of one thing or of all; raises LookupError for any other."""
    wanted = next((one for one in area.downloadable(of_one=bool(key)) if one.id == operation), None)
    if wanted is None or not who.may(wanted.scope):
        raise LookupError(operation)
    path = area.api(key, path=wanted.path) if key else wanted.path
    answer = who.api.get(path, **{one: value for one, value in request.args.items() if wanted.takes(one)})
    response = Response(answer.content, content_type=answer.headers.get("Content-Type", "application/json"))
    named = f'attachment; filename="{operation.replace("_", "-")}.json"'
    response.headers["Content-Disposition"] = answer.headers.get("Content-Disposition", named)
    return response
