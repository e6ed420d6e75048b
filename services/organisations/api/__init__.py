"""Routes of the organisations service; each module adds its own to the one list."""

from services.organisations.api import applications, organisations
from services.organisations.api.routes import routes

__all__ = ["applications", "organisations", "routes"]
