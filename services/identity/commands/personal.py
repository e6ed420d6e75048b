"""Personal data of an account: sealed, exported and erased (PIPL, articles 45 and 47)."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from events.canonical import plain
from services.identity.commands.throttle import forget_failures
from services.identity.domain.users import MEMBERSHIP_LIFECYCLE, USER_LIFECYCLE
from services.identity.models import Consent, Device, Family, FormerName, Grant, Membership, User, WebSession
from shared.core.errors import NotFoundError
from shared.database.answers import forget_answers
from shared.evidence.audit import detail
from shared.journal.session import Session

MOST = 1000


def _label(session: Session, user_id: UUID) -> bytes:
    return f"{session.context.tenant_id}/user/{user_id}".encode()


def seal(session: Session, user_id: UUID, *, name: str, email: str) -> bytes:
    """Name and e-mail, encrypted for this account alone."""
    content = json.dumps({"name": name, "email": email}, ensure_ascii=False).encode()
    return session.keyring.vault.seal(content, label=_label(session, user_id))


def keep_name(session: Session, user: User) -> None:
    """What the account's owner was called until now: the audit log names people as they were then."""
    if user.sealed is not None:
        session.add(FormerName(user_id=user.id, until=session.clock.now(), sealed=user.sealed))


def former_names(session: Session, user_id: UUID) -> list[dict[str, Any]]:
    """Earlier names and until when they were so, the oldest first."""
    rows = session.scalars(select(FormerName).where(FormerName.user_id == user_id).order_by(FormerName.until))
    label = _label(session, user_id)
    opened = [(row, json.loads(session.keyring.vault.unseal(row.sealed, label=label))) for row in rows]
    return [{"name": known["name"], "until": plain(row.until)} for row, known in opened]


def unseal(session: Session, user: User) -> dict[str, str]:
    """`name` and `email`; both '' once erased."""
    if user.sealed is None:
        return {"name": "", "email": ""}
    opened: dict[str, str] = json.loads(session.keyring.vault.unseal(user.sealed, label=_label(session, user.id)))
    return opened


def export(session: Session, user_id: UUID) -> dict[str, Any]:
    """All that the tenant that keeps the account holds on its owner, as JSON; raises `NotFoundError`."""
    user = session.get(User, (session.context.tenant_id, user_id))
    if user is None:
        raise NotFoundError.of("用户 / user", user_id)
    return {
        "id": str(user.id),
        "login": user.login,
        "state": user.state,
        **unseal(session, user),
        **{
            name: plain(getattr(user, name))
            for name in ("created_at", "updated_at", "password_at", "reset_asked_at", "otp_at", "links")
        },
        "recovery_codes_left": len(user.recovery),
        "provider_subject": user.provider_subject,
        "former_names": former_names(session, user_id),
        "memberships": _rows(session, Membership, user_id=user_id, names=("organisation_id", "state", "created_at")),
        "roles": _rows(session, Grant, user_id=user_id, names=("role", "granted_by", "granted_at")),
        "sessions": _rows(
            session, WebSession, user_id=user_id, names=("created_at", "seen_at", "ended_at", "address", "agent")
        ),
        "devices": _rows(session, Device, user_id=user_id, names=("created_at",)),
        "consents": _rows(session, Consent, user_id=user_id, names=("client_id", "scope", "given_at")),
        "token_families": _rows(
            session, Family, user_id=user_id, names=("client_id", "scope", "created_at", "ended_at")
        ),
    }


def _rows(session: Session, kind: Any, *, user_id: UUID, names: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = session.scalars(select(kind).where(kind.user_id == user_id).limit(MOST))
    return [{name: plain(getattr(row, name)) for name in names} for row in rows]


def erase(session: Session, user_id: UUID) -> User:
    """Erase who the owner of a deactivated account was; journals and the audit log keep the id, which says nothing.

    The caller ends the memberships of other tenants first (`accounts.tenants_of`, `accounts.end_membership`).
    """
    user = session.get(User, (session.context.tenant_id, user_id), with_for_update=True)
    if user is None:
        raise NotFoundError.of("用户 / user", user_id)
    before = user.state
    USER_LIFECYCLE.move(user, "erase")
    detail(session, subject=str(user_id), before={"state": before}, after={"state": user.state})
    forget_failures(session, user)
    sealed = unseal(session, user)
    forget_answers(session, [f"{user.login}@", sealed["name"], sealed["email"]])
    user.login, user.sealed = f"erased-{str(user.id)[:8]}", None
    user.password_hash = user.password_at = user.otp_sealed = user.otp_at = None
    user.provider_id = user.provider_subject = user.invitation_hash = user.invitation_until = None
    user.reset_asked_at = None
    user.recovery, user.links, user.otp_step = [], [], 0
    user.touch(session.clock.now())
    for kind in (Device, WebSession, Consent, Grant, FormerName):
        session.execute(delete(kind).where(kind.user_id == user_id))
    living = Membership.user_id == user_id, Membership.state != MEMBERSHIP_LIFECYCLE.target("active", "end")
    session.execute(update(Membership).where(*living).values(state="ended", updated_at=session.clock.now()))
    return user
