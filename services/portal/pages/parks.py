"""Parks in force: who builds them, where, and since when."""

from __future__ import annotations

from typing import Any

from services.portal.calling.labels import labels
from services.portal.calling.registers import PARKS, TENANTS, read, whole
from services.portal.pages.rendering import asked, render, shown
from services.portal.routes import routes


@routes.page("GET", "/parks")
@shown
def parks() -> Any:
    """A list with its filters in the address."""
    given = asked("q", "tenant", "kind", "state")
    told = read(PARKS, limit=20, count="true", **given)
    choices = {"kind": labels("parks.ParkKind"), "state": labels("parks.PublicParkState")}
    return render("parks.html", told=told, given=given, tenants=whole(TENANTS), choices=choices)
