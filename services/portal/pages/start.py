"""The first page: what this is, who takes part and what they share, and where to go from here."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.portal.calling.registers import CONSULTATIONS, PARKS, STANDARDS, TENANTS, whole
from services.portal.kit.maps import lines_between, shown_map
from services.portal.pages.rendering import render, shown
from services.portal.routes import routes
from shared.http.requests.gate import database
from shared.http.requests.problems import wants_page

PLACES = {
    "sign_in": "/signin",
    "documents": "/docs",
    "openapi": "/openapi.json",
    "provider": "/.well-known/openid-configuration",
    "platform_key": "/v1/public/platform-key",
    "certificates": "/c/",
}
"""By what one finds there; a program is told the same as a person."""
COUNTING = ("published", "in_force")
NEWEST = 5


@routes.page("GET", "/")
@shown
def start() -> Any:
    """A page for browsers, JSON for everything else."""
    if not wants_page():
        response: Response = jsonify({"name": "Xietong", "name_zh": "协同", **PLACES})
        response.headers["Vary"] = "Accept"
        return response
    tenants, parks, standards, consultations = (whole(one) for one in (TENANTS, PARKS, STANDARDS, CONSULTATIONS))
    counting = [one for one in standards.items if one["state"] in COUNTING]
    lines = lines_between(tenants, parks, standards=standards)
    return render(
        "start.html",
        places=PLACES,
        tenants=tenants,
        parks=parks,
        standards=standards,
        counting=counting,
        newest=standards.items[:NEWEST],
        consultations=consultations,
        closing=sorted(consultations.items, key=lambda one: str(one["closes_on"]))[:NEWEST],
        map=shown_map(tenants, lines, settings=database().settings.portal),
        joint=sum(len(one["issuers"]) > 1 for one in counting),
    )
