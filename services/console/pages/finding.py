"""Finding: one search over everything that one may see, and the choices that a field offers while one types."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from markupsafe import Markup

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS, Area, area_of
from services.console.kit.forms import said_of
from services.console.pages.frame import opens, render
from shared.pages.asking import RefusedByApiError

EACH = 5


@opens("/console/search")
def search(who: Visitor) -> Any:
    """What fits in each area, the part that fits marked."""
    text = request.args.get("q", "").strip()[:100]
    found = []
    for area in AREAS.values() if text else ():
        if not area.within and area.listing.takes("q") and who.may(area.listing.scope):
            rows = _fitting(who, area, text=text, limit=EACH)
            if rows:
                found.append((area, [(area.url(row), marked(area.said(row), text), row) for row in rows]))
    return render(who, "search.html", text=text, found=found)


def _fitting(who: Visitor, area: Area, *, text: str, limit: int) -> list[Any]:
    try:
        return list(who.api.get(area.path, q=text, limit=limit).body["items"])
    except RefusedByApiError:
        # What this list does not take as a search finds nothing in it.
        return []


def marked(name: str, text: str) -> Markup:
    """The name with the part that was looked for marked, where it stands in it as written."""
    at = name.casefold().find(text.casefold())
    if at < 0:
        return Markup("{}").format(name)
    end = at + len(text)
    return Markup("{}<mark>{}</mark>{}").format(name[:at], name[at:end], name[end:])


@opens("/console/choose/<string:kind>")
def choose(who: Visitor, kind: str) -> Any:
    """Options for a field that names a thing of this kind."""
    area, text = area_of(kind), request.args.get("q", "").strip()[:100]
    if area is None or not who.may(area.listing.scope):
        raise LookupError(kind)
    rows = _fitting(who, area, text=text, limit=20) if text and area.listing.takes("q") else []
    options = [
        Markup('<option value="{}">{}</option>').format(
            said_of(area.called(row).zh, row.get("number") or row.get("code"), key=str(row.get("id", ""))),
            area.called(row).zh,
        )
        for row in rows
    ]
    return Response(Markup("\n").join(options), content_type="text/html; charset=utf-8")


@opens("/console/keys")
def keys(who: Visitor) -> Any:
    """The page of keys."""
    return render(who, "keys.html")
