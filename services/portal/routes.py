"""The one list of the portal's pages."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("portal")
