"""Families of tokens: begun by one sign-in or approval, refreshed one token at a time, ended together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from services.identity.commands.revocations import revoke
from services.identity.domain import acts
from services.identity.domain.grants import Approval, GrantRefusedError, GrantReusedError
from services.identity.domain.keys import FAMILY_LIFE, REFRESH_LIFE
from services.identity.models import Family, RefreshToken
from shared.core.secrets import handed_out, hashed
from shared.evidence.audit import note
from shared.journal.session import Session


def begin_family(session: Session, key: UUID, *, client_id: str, approval: Approval) -> Family:
    """What follows from one approval, in a session of the tenant it is for."""
    now = session.clock.now()
    row = Family(
        id=key,
        client_id=client_id,
        user_id=approval.user,
        account_id=approval.account,
        session_id=approval.session,
        scope=approval.scope,
        methods=list(approval.methods),
        authenticated_at=approval.authenticated_at,
        factor_at=approval.factor_at,
        created_at=now,
        expires_at=now + FAMILY_LIFE,
        ended_at=None,
        ended_by=None,
    )
    session.add(row)
    session.flush()
    # What has expired is as good as never issued.
    session.execute(delete(RefreshToken).where(RefreshToken.expires_at < now))
    session.execute(delete(Family).where(Family.expires_at < now))
    return row


def new_refresh_token(session: Session, family: Family) -> str:
    """One more refresh token of a family."""
    token = handed_out(session.context.tenant_id)
    until = min(session.clock.now() + REFRESH_LIFE, family.expires_at)
    session.add(RefreshToken(hash=hashed(token), family_id=family.id, expires_at=until, used_at=None))
    return token


def use_refresh_token(session: Session, token: str, *, client_id: str) -> Family:
    """Redeem a refresh token by one statement; raises `GrantRefusedError`, or `GrantReusedError` the second time."""
    now, key = session.clock.now(), hashed(token)
    unused = update(RefreshToken).where(
        RefreshToken.hash == key, RefreshToken.used_at.is_(None), RefreshToken.expires_at > now
    )
    used = session.scalar(unused.values(used_at=now).returning(RefreshToken.family_id))
    if used is None:
        row = session.get(RefreshToken, (session.context.tenant_id, key))
        begun = None if row is None else session.get(Family, (session.context.tenant_id, row.family_id))
        if row is None or begun is None or begun.client_id != client_id:
            raise GrantRefusedError("The refresh token is not known.")
        if row.used_at is not None:
            raise GrantReusedError(session.context.tenant_id, begun.id)
        raise GrantRefusedError("The refresh token has expired. Sign in again.")
    # Locked, so that ending the family waits for this token to be written, or this for the end.
    family = session.scalars(select(Family).where(Family.id == used).with_for_update()).one()
    if family.client_id != client_id:
        raise GrantRefusedError("The refresh token was issued to another client.")
    if family.ended_at is not None or family.expires_at <= now:
        raise GrantRefusedError("The refresh token has been revoked or has expired. Sign in again.")
    return family


def family_of(session: Session, token: str) -> Family | None:
    """The family of a refresh token that is known, used or not."""
    found = select(Family).join(RefreshToken, RefreshToken.family_id == Family.id)
    return session.scalars(found.where(RefreshToken.hash == hashed(token))).one_or_none()


def end_family(session: Session, key: UUID, *, by: str) -> bool:
    """End a family and void its access tokens; returns whether it was alive."""
    living = update(Family).where(Family.id == key, Family.ended_at.is_(None))
    ending: Any = living.values(ended_at=session.clock.now(), ended_by=by)
    ended = session.scalars(ending.returning(Family)).one_or_none()
    if ended is None:
        return False
    revoke(session, [f"sid:{session_name(ended)}"], owner=f"sub:{ended.user_id}")
    act = acts.FAMILY_ENDED if by == "reuse" else acts.TOKEN_REVOKED
    note(session, act, subject=str(key), after={"client": ended.client_id, "by": by})
    return True


def end_device_families(session: Session, user_id: UUID, *, by: str) -> None:
    """End what devices hold for the person in the session's tenant: no browser session ends it."""
    mine = Family.user_id == user_id, Family.session_id.is_(None), Family.ended_at.is_(None)
    for key in session.scalars(select(Family.id).where(*mine)).all():
        end_family(session, key, by=by)


def session_name(family: Family) -> str:
    """The `sid` of a family's tokens: the browser session they hang on, or for a device the family itself."""
    return str(family.session_id or family.id)
