"""The one list of routes of this service, and how its things are shown."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("standards")
