"""Pages for anybody: importing a module adds what it declares."""

from services.portal.pages import (
    about,
    bodies,
    bulletins,
    consultations,
    downloads,
    jurisdictions,
    parks,
    services,
    standards,
    start,
    status,
    wall,
)
from services.portal.routes import routes as routes

__all__ = [
    "about",
    "bodies",
    "bulletins",
    "consultations",
    "downloads",
    "jurisdictions",
    "parks",
    "routes",
    "services",
    "standards",
    "start",
    "status",
    "wall",
]
