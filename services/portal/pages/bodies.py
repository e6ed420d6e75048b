"""Conformity bodies: who accredited them, for what, and how they stand."""

from __future__ import annotations

from typing import Any

from services.portal.calling.labels import labels
from services.portal.calling.registers import BODIES, TENANTS, read, whole
from services.portal.pages.rendering import asked, render, shown
from services.portal.routes import routes


@routes.page("GET", "/bodies")
@shown
def bodies() -> Any:
    """A list with its filters in the address."""
    given = asked("q", "tenant", "state")
    told = read(BODIES, limit=20, count="true", **given)
    return render("bodies.html", told=told, given=given, tenants=whole(TENANTS), states=labels("standards.BodyState"))
