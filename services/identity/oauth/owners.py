"""Whoever stands behind a code or token: whether they may still act, and what they may do today."""

from __future__ import annotations

from uuid import UUID

from services.identity.commands import sessions
from services.identity.commands.issuing import Owner
from services.identity.commands.personal import unseal
from services.identity.domain.grants import Approval, GrantRefusedError
from services.identity.domain.persons import Person
from services.identity.models import Family, User, WebSession
from services.identity.pages.signed_in import context, works_here
from services.identity.queries.members import member
from shared.http.requests.gate import database
from shared.journal.session import Session


def person_of(account: UUID, user_id: UUID, *, web_session: UUID | None = None) -> Person | None:
    """The owner of an account, in a session of the tenant that keeps it.

    None unless account and tenant are active, and the browser session has not ended, if one is named.
    """
    with database().session(context(account, str(user_id))) as session:
        user = session.get(User, (account, user_id))
        if user is None or user.state != "active" or not works_here(session, account):
            return None
        if web_session is not None:
            row = session.get(WebSession, (account, web_session))
            if row is None or row.ended_at is not None:
                return None
        listing, sealed = session.directory.listing(session, account), unseal(session, user)
        login = user.login if listing is None else f"{user.login}@{listing.code}"
        return Person(id=user.id, login=login, name=sealed["name"], email=sealed["email"])


def owner_of(session: Session, family: Family, *, person: Person | None, nonce: str | None = None) -> Owner:
    """In a session of the tenant acted for; raises `GrantRefusedError` when they may not act for it (any more)."""
    if person is None:
        raise GrantRefusedError("The account is not active, or its session has ended. Sign in again.")
    if not works_here(session, session.context.tenant_id):
        raise GrantRefusedError("The tenant cannot use the platform now.")
    held = member(session, family.user_id)
    if held is None or held.account_id != family.account_id:
        raise GrantRefusedError("The person is no longer a member of this tenant.")
    if held.second_factor and family.factor_at is None:
        raise GrantRefusedError("A role of this person needs a second factor. Sign in again.")
    return Owner(
        family=family,
        person=person,
        scopes=held.scopes,
        roles=held.roles,
        organisation_id=held.organisation_id,
        nonce=nonce,
    )


def void_if_ended(approval: Approval) -> None:
    """After a code's tokens are written: void them if the browser session ended meanwhile.

    A sign-out that voided the session's tokens before these could be seen left them to us.
    """
    if person_of(approval.account, approval.user, web_session=approval.session) is None and approval.session:
        with database().session(context(approval.tenant, str(approval.user))) as session:
            ended = sessions.Ended(approval.session, approval.tenant)
            sessions.void_session_tokens(session, [ended], by="session", owner=f"sub:{approval.user}")
