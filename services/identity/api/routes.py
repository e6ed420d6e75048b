"""The one list of the identity service's routes; every module beside this one adds its own."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("identity")
