"""Linking an account of a tenant to the name its owner has at the tenant's own provider."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from services.identity.domain import acts
from services.identity.domain.federation import Vouched
from services.identity.domain.users import MEMBERSHIP_LIFECYCLE, USER_LIFECYCLE
from services.identity.models import Grant, Membership, User
from shared.core.errors import RefusedError
from shared.evidence.audit import note
from shared.journal.session import Session


def vouched_account(session: Session, provider_id: UUID, *, whom: Vouched) -> UUID:
    """The account of whom the provider has recognised, linked now if it has the login and was invited only.

    Nothing is created and no account in use is taken over: raises `RefusedError`. Roles are this platform's matter.
    """
    of_provider = User.provider_id == provider_id, User.provider_subject == whom.subject
    linked = session.scalar(select(User.id).where(*of_provider))
    if linked is not None:
        return linked
    by_login = select(User).where(User.login == whom.login, User.state.in_(["invited", "active"]))
    user = session.scalars(by_login.with_for_update()).one_or_none()
    if user is None or user.provider_subject is not None:
        raise RefusedError(
            "account_unknown",
            "您在本辖区没有可用的账号(未受邀请,或已关联另一外部账号)。请联系本辖区的系统管理员。",
            "You have no account here that this sign-in opens (not invited, or linked to another one). Ask your"
            " tenant's system administrator.",
        )
    if user.state != USER_LIFECYCLE.initial or (
        session.scalar(select(Grant.role).where(Grant.user_id == user.id, Grant.duty != "daily")) is not None
    ):
        raise RefusedError(
            "account_not_linkable",
            "这个账号已在使用,或担任管理员,不能通过统一认证关联。请用登录名和密码登录。",
            "This account is in use already, or an administrator's, and is not linked by this sign-in. Sign in with"
            " login and password.",
        )
    _link(session, user, provider_id=provider_id, subject=whom.subject)
    return user.id


def _link(session: Session, user: User, *, provider_id: UUID, subject: str) -> None:
    before, now = user.state, session.clock.now()
    user.provider_id, user.provider_subject = provider_id, subject
    user.touch(now)
    if user.state == USER_LIFECYCLE.initial:
        USER_LIFECYCLE.move(user, "activate")
        user.invitation_hash = user.invitation_until = None
        own = session.get(Membership, (session.context.tenant_id, user.id))
        if own is not None and own.state == MEMBERSHIP_LIFECYCLE.initial:
            MEMBERSHIP_LIFECYCLE.move(own, "accept")
            own.updated_at = now
    session.flush()
    note(
        session,
        acts.PROVIDER_LINKED,
        subject=str(user.id),
        before={"state": before},
        after={"state": user.state, "provider": str(provider_id)},
    )
