"""What follows in other tenants from a change of an account: done after its transaction, tenant by tenant."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from services.identity.commands import accounts, sessions
from services.identity.models import User
from shared.core.context import Context
from shared.core.errors import ConflictError, NotFoundError
from shared.http.requests.gate import database
from shared.journal.session import Database, Session


def void_elsewhere(session: Session, user: User, *, by: str) -> None:
    """End the account's tokens in every other tenant it is a member of."""
    for tenant in session.directory.hosted(session, user.links):
        session.afterwards.append(partial(_void, database(), there(session, tenant), user_id=user.id, by=by))


def end_memberships_elsewhere(session: Session, user: User) -> None:
    """End the account's memberships of other tenants."""
    for tenant in session.directory.hosted(session, user.links):
        session.afterwards.append(partial(_end, database(), there(session, tenant), user_id=user.id))


def void_session_elsewhere(session: Session, ended: sessions.Ended) -> None:
    """End the tokens of a session that acted for another tenant."""
    tenant = ended.for_tenant_id
    if tenant is not None and tenant != session.context.tenant_id:
        session.afterwards.append(partial(_void_session, database(), there(session, tenant), ended=ended))


def there(session: Session, tenant: UUID, *, part: str = "identity") -> Context:
    """In another tenant the platform acts: the caller's id means nothing there, and their rights do not reach there."""
    return replace(
        session.context,
        tenant_id=tenant,
        actor_id=f"xietong:{part}",
        scopes=frozenset(),
        organisation_id=None,
        scope="tenant",
    )


def _void(opened: Database, context: Context, *, user_id: UUID, by: str) -> None:
    with opened.session(context) as session:
        sessions.void_user_tokens(session, user_id, by=by)


def _void_session(opened: Database, context: Context, *, ended: sessions.Ended) -> None:
    with opened.session(context) as session:
        sessions.void_session_tokens(session, [ended], by="session")


def _end(opened: Database, context: Context, *, user_id: UUID) -> None:
    try:
        with opened.session(context) as session:
            accounts.end_membership(session, user_id)
    except (NotFoundError, ConflictError):
        # Ended already: that is what was wanted.
        return
