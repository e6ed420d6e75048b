"""Routes about browser sessions of this tenant's accounts."""

from __future__ import annotations

from uuid import UUID

from services.identity.api.elsewhere import void_session_elsewhere
from services.identity.commands import users as commands
from services.identity.commands.sessions import Ended
from services.identity.domain import acts
from services.identity.models import WebSession
from services.identity.queries import people
from services.identity.routes import routes
from services.identity.schemas.users import SessionView
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.journal.session import Session

SESSION = ResourceView(kind=WebSession, view=SessionView, present=people.present_sessions)


def end_session(session: Session, key: UUID) -> WebSession:
    """With the tokens that came of it."""
    row = commands.end_session(session, key)
    void_session_elsewhere(session, Ended(row.id, row.for_tenant_id))
    return row


of_user = Resource(routes, "/v1/users/<uuid:key>/sessions", SESSION, read="sessions:read")
of_user.list(people.sessions, name="list_user_sessions", summary="用户会话 / A user's sessions")
Resource(routes, "/v1/sessions", SESSION, subject="session", write="sessions:manage").act(
    end_session, summary="结束会话 / End a session", audited=acts.SIGNED_OUT, once=("address", "agent")
)
