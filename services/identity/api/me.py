"""The route that tells callers who they are here and what they may do."""

from __future__ import annotations

from services.identity.queries import me
from services.identity.routes import routes
from services.identity.schemas.me import MeView
from shared.http.resources import ResourceView
from shared.journal.session import Session

ME = ResourceView(kind=me.Me, view=MeView)


@routes.get("/v1/me", ME, scope="me:read", summary="我是谁 / Who I am")
def show_me(session: Session) -> me.Me:
    """The account or client behind the token."""
    return me.caller(session)
