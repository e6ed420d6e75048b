"""Bulletins: how each jurisdiction says it kept its terms with the cases of a period."""

from __future__ import annotations

from typing import Any

from services.portal.calling.registers import BULLETINS, TENANTS, read, whole
from services.portal.pages.rendering import asked, render, shown
from services.portal.routes import routes


@routes.page("GET", "/bulletins")
@shown
def bulletins() -> Any:
    """The last periods first; each with all items together, and item by item below."""
    given = asked("tenant")
    told = read(BULLETINS, limit=10, count="true", **given)
    return render("bulletins.html", told=told, given=given, tenants=whole(TENANTS))
