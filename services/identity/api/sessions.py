"""Routes about browser sessions of this tenant's accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.identity.api.elsewhere import void_session_elsewhere
from services.identity.commands import users as commands
from services.identity.commands.sessions import Ended
from services.identity.domain import acts
from services.identity.models import WebSession
from services.identity.queries import people
from services.identity.routes import routes
from services.identity.schemas.users import SessionView
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing
from shared.http.lists.pages import PageFilter
from shared.http.resources import ResourceView
from shared.journal.session import Session

SESSION = ResourceView(kind=WebSession, view=SessionView, present=people.present_sessions)


@routes.list("/v1/users/<uuid:key>/sessions", SESSION, scope="sessions:read", summary="用户会话 / A user's sessions",
             query=PageFilter, order=people.SESSIONS)  # fmt: skip
def list_user_sessions(session: Session, _filters: dict[str, Any], paging: PageRequest, key: UUID) -> Page:
    """Newest first, ended ones too."""
    return people.sessions(session, key, paging=paging)


@routes.own(
    "POST",
    "/v1/sessions/<uuid:key>/end",
    shown=SESSION,
    scope="sessions:manage",
    summary="结束会话 / End a session",
    draft=Nothing,
    audited=acts.SIGNED_OUT,
    once=("address", "agent"),
)
def end_session(session: Session, key: UUID) -> WebSession:
    """With the tokens that came of it."""
    row = commands.end_session(session, key)
    void_session_elsewhere(session, Ended(row.id, row.for_tenant_id))
    return row
