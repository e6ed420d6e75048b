"""The jurisdictions that take part, and what each of them shares."""

from __future__ import annotations

from typing import Any

from services.portal.calling.registers import BODIES, PARKS, STANDARDS, TENANTS, read, whole
from services.portal.pages.rendering import render, shown
from services.portal.routes import routes
from shared.core.errors import NotFoundError

SHOWN = 20


@routes.page("GET", "/jurisdictions")
@shown
def jurisdictions() -> Any:
    """All of them."""
    return render("jurisdictions.html", told=whole(TENANTS))


@routes.page("GET", "/jurisdictions/<tenantcode:code>")
@shown
def jurisdiction(code: str) -> Any:
    """One of them, with the parks, standards and bodies that are its own or that it shares."""
    told = whole(TENANTS)
    found = next((one for one in told.items if one["code"] == code), None)
    if found is None:
        raise NotFoundError.of("辖区 / jurisdiction", code)
    parks, standards, bodies = (read(path, tenant=code, limit=SHOWN) for path in (PARKS, STANDARDS, BODIES))
    return render("jurisdiction.html", told=told, tenant=found, parks=parks, standards=standards, bodies=bodies)
