"""Finding: one search over everything that one may see, and the choices that a field offers while one types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, request
from markupsafe import Markup

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS, Area, area_of
from services.console.kit.forms import said_of
from services.console.kit.references import DIVISION
from services.console.pages.frame import opens, render
from shared.pages.asking import RefusedByApiError
from shared.reference import naming

EACH, OFFERED = 5, 20


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
    if kind == DIVISION:
        divisions = naming.found(text, OFFERED)
        return offered((said_of(one.name_zh, one.code, key=one.code), naming.whole_name(one)) for one in divisions)
    if area is None or not who.may(area.listing.scope):
        raise LookupError(kind)
    rows = _fitting(who, area, text=text, limit=OFFERED) if text and area.listing.takes("q") else []
    return offered(
        (
            said_of(area.called(row).zh, row.get("number") or row.get("code"), key=str(row.get("id", ""))),
            area.called(row).zh,
        )
        for row in rows
    )


def offered(options: Iterable[tuple[str, str]]) -> Response:
    """Each with what is written into the field, and what is read in the list."""
    made = [Markup('<option value="{}">{}</option>').format(*one) for one in options]
    return Response(Markup("\n").join(made), content_type="text/html; charset=utf-8")


@opens("/console/keys")
def keys(who: Visitor) -> Any:
    """The page of keys."""
    return render(who, "keys.html")
