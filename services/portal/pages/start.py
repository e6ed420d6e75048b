"""The first page: what this is, who takes part and what they share, and where to go from here."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.portal.calling.registers import CONSULTATIONS, PARKS, SHARED, STANDARDS, TENANTS, counted, read, whole
from services.portal.kit.maps import shown_map
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
NEWEST, MOST = 5, 8


@routes.page("GET", "/")
@shown
def start() -> Any:
    """A page for browsers, JSON for everything else."""
    if not wants_page():
        response: Response = jsonify({"name": "Xietong", "name_zh": "协同", **PLACES})
        response.headers["Vary"] = "Accept"
        return response
    tenants, consultations, shared = whole(TENANTS), whole(CONSULTATIONS), read(SHARED)
    return render(
        "start.html",
        places=PLACES,
        tenants=tenants,
        most=sorted(tenants.items, key=lambda one: -sum(one["shared"].values()))[:MOST],
        parks=counted(PARKS),
        standards=[counted(STANDARDS, state=state) for state in COUNTING],
        newest=counted(STANDARDS, limit=NEWEST),
        joint=[counted(STANDARDS, state=state, joint="true") for state in COUNTING],
        consultations=consultations,
        closing=sorted(consultations.items, key=lambda one: str(one["closes_on"]))[:NEWEST],
        map=shown_map(tenants, shared, settings=database().settings.portal),
        shared=shared,
    )
