"""The one list of the console's pages."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("console")
