"""The one list of routes of this service."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("organisations")
