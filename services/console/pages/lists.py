"""The list of an area: filtered, sorted, counted, exported, with columns and density that are remembered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.bulk import bulk_acts
from services.console.kit.forms import tenants_listed
from services.console.kit.importing import import_into, is_import
from services.console.kit.keeping import preference, remember, remove_view, save_view, views_of
from services.console.kit.lists import Asked, listed
from services.console.kit.references import filter_resolved
from services.console.kit.things import thing
from services.console.pages.frame import area_named, check_post, opens, render
from services.console.pages.things import page_of, row_acts
from shared.core.errors import InvalidError
from shared.pages.asking import RefusedByApiError

DENSITIES = ("loose", "normal", "tight")


@opens("/console/<string:name>")
def show_list(who: Visitor, name: str) -> Any:
    """One page of the list; what the API does not take is said above it, and the filters stay."""
    area = area_named(who, name)
    if area.is_single:
        return page_of(who, thing(who.api, area, key=""))
    asked = Asked(area, request.args.to_dict(flat=False), f"/console/{name}")
    chosen = preference(who, f"columns/{name}").get("shown", ())
    faults, found = [], None
    importing = import_into(area)
    try:
        resolved = filter_resolved(who.api, asked)
        found = listed(who.api, resolved, columns=chosen)
    except RefusedByApiError as error:
        if error.status != 422:
            raise
        faults = error.faults
    return render(
        who,
        "list.html",
        status=422 if faults else 200,
        area=area,
        asked=asked,
        found=found,
        faults=faults,
        row_acts=row_acts(who, found),
        bulk=bulk_acts(who, area),
        first=AREAS.get(area.after),
        new_at="import" if is_import(area) else "new",
        importing=importing if importing and who.may(importing.listing.scope) else None,
        views=views_of(who, name),
        files=[one for one in area.downloadable(of_one=False) if who.may(one.scope) and not is_import(area)],
        tenants_listed=tenants_listed(who.api)
        if any(one.reference == "tenant" for one in area.listing.filters)
        else (),
    )


@opens("/console/<string:name>/layout", "POST")
def lay_out(who: Visitor, name: str) -> Any:
    """Columns of the list and density of all lists, remembered for whoever chose them; the filters stay."""
    area_named(who, name)
    if "density" in request.form:
        given = request.form["density"]
        remember(who, "density", value={"is": given if given in DENSITIES else "normal"})
    else:
        shown = [key.removeprefix("column/") for key in request.form if key.startswith("column/")]
        remember(who, f"columns/{name}", value={"shown": shown[:30]})
    return redirect(_back(name), 303)


@opens("/console/<string:name>/views", "POST")
def change_views(who: Visitor, name: str) -> Any:
    """Keep the list as it is shown under a name, or remove one of one's own."""
    area_named(who, name)
    if check_post() == "save":
        called = request.form.get("name", "").strip()[:80]
        if not called:
            raise InvalidError("view_unnamed", "请给视图起个名称。", "Give the view a name.")
        save_view(
            who, name, name=called, query=request.form.get("query", ""), shared=request.form.get("shared") == "true"
        )
    else:
        try:
            remove_view(who, UUID(request.form.get("view", "")))
        except ValueError as error:
            raise InvalidError("view_unknown", "没有这个视图。", "There is no such view.") from error
    return redirect(_back(name), 303)


def _back(name: str) -> str:
    query = request.form.get("query", "")[:2000]
    return f"/console/{name}?{query}" if query else f"/console/{name}"
