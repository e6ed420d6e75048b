"""What the platform is, and how far its pages can be used by everybody."""

from __future__ import annotations

from typing import Any

from services.portal.pages.rendering import render, shown
from services.portal.routes import routes
from shared.http.requests.gate import database


@routes.page("GET", "/about")
@shown
def about() -> Any:
    """What is shared here, by whom, and how it can be checked."""
    return render("about.html")


@routes.page("GET", "/accessibility")
@shown
def accessibility() -> Any:
    """The statement: the standard, what was tested, what is not, and whom to tell."""
    return render("accessibility.html", contact=database().settings.portal.contact)
