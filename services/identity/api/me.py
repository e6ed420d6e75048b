"""The route that tells callers who they are here and what they may do."""

from __future__ import annotations

from services.identity.queries import me
from services.identity.routes import routes
from services.identity.schemas.me import MeView
from shared.http.declarations import Resource
from shared.http.resources import ResourceView

ME = ResourceView(kind=me.Me, view=MeView)
Resource(routes, "/v1/me", ME, key="", subject="me", read="me:read").get(me.caller, summary="我是谁 / Who I am")
