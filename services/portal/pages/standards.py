"""Released standards with their texts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.portal.calling.labels import labels
from services.portal.calling.registers import STANDARDS, TENANTS, read, whole
from services.portal.pages.rendering import asked, render, shown
from services.portal.routes import routes


@routes.page("GET", "/standards")
@shown
def standards() -> Any:
    """A list with its filters in the address; what is typed is looked for in titles, and as a number."""
    given = asked("q", "tenant", "state")
    told = read(STANDARDS, limit=20, count="true", **given)
    return render(
        "standards.html", told=told, given=given, tenants=whole(TENANTS), states=labels("standards.StandardState")
    )


@routes.page("GET", "/standards/<uuid:key>")
@shown
def standard(key: UUID) -> Any:
    """One of them: what it asks for, and its text to take away."""
    return render("standard.html", told=read(f"{STANDARDS}/{key}"), files=f"{STANDARDS}/{key}/text")
