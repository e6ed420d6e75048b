"""Routes of the standards service; each module adds its own to the one list."""

from services.standards.api import (
    bodies,
    certificates,
    checking,
    consequences,
    own,
    projects,
    public,
    recognitions,
    standards,
)
from services.standards.api.routes import routes

__all__ = [
    "bodies",
    "certificates",
    "checking",
    "consequences",
    "own",
    "projects",
    "public",
    "recognitions",
    "routes",
    "standards",
]
