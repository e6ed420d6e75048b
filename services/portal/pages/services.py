"""The catalogue of services: what can be asked for, what each needs, how long it takes, and where to apply."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.portal.calling.labels import labels
from services.portal.calling.registers import ITEMS, TENANTS, read, whole
from services.portal.pages.rendering import asked, render, shown
from services.portal.routes import routes

KINDS = {"category": "requests.Category", "audience": "requests.Audience", "mode": "requests.Mode"}
"""What narrows the list, by the enumeration that words it."""


@routes.page("GET", "/services")
@shown
def services() -> Any:
    """A list with its filters in the address."""
    given = asked("q", "tenant", *KINDS)
    told = read(ITEMS, limit=20, count="true", **given)
    choices = {name: labels(kind) for name, kind in KINDS.items()}
    return render("services.html", told=told, given=given, tenants=whole(TENANTS), choices=choices, kinds=KINDS)


@routes.page("GET", "/services/<uuid:key>")
@shown
def service(key: UUID) -> Any:
    """One of them: its conditions, papers, fields and terms, and the way to apply."""
    return render("service.html", told=read(f"{ITEMS}/{key}"), kinds=KINDS)
