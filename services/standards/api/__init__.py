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
    registers,
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
    "registers",
    "routes",
    "standards",
]
