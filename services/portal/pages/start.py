"""The first page: what this is, and where to go from here."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.portal.pages.rendering import render
from services.portal.routes import routes
from shared.http.requests.problems import wants_page
from shared.pages.visiting import page

PLACES = {
    "sign_in": "/signin",
    "documents": "/docs",
    "openapi": "/openapi.json",
    "provider": "/.well-known/openid-configuration",
    "platform_key": "/v1/public/platform-key",
    "certificates": "/c/",
}
"""By what one finds there; a program is told the same as a person."""


@routes.page("GET", "/")
@page
def start() -> Any:
    """A page for browsers, JSON for everything else."""
    if wants_page():
        return render("start.html", places=PLACES)
    response: Response = jsonify({"name": "Xietong", "name_zh": "协同", **PLACES})
    response.headers["Vary"] = "Accept"
    return response
