"""A new tenant's first administrators: the platform invites them, one for each duty, until they have come."""

from __future__ import annotations

from sqlalchemy import func, select

from services.identity.commands import accounts, personal
from services.identity.domain.acts import USER_ERASED
from services.identity.domain.roles import BUILT_IN
from services.identity.models import Grant, Membership
from shared.core.errors import ConflictError
from shared.evidence.audit import note
from shared.journal.session import Session

ENOUGH = {"system", "security"}
"""Who invites and who grants: with both a tenant fills every other seat by itself."""


def invite_administrator(session: Session, *, role: str, login: str, name: str, email: str) -> accounts.Invited:
    """In the tenant's session: whoever is to hold `role` there, who has it as soon as the link is used.

    A link that was lost is replaced, and whoever the platform invited for the duty before, and who never came, is
    erased. Raises `ConflictError` once the tenant can do it by itself.
    """
    lock = func.hashtextextended(f"administrators/{session.context.tenant_id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(lock)))
    held = select(Membership, Grant).join(Grant, Grant.user_id == Membership.user_id)
    found = session.execute(held.where(Membership.state != "ended", Grant.duty != "daily")).all()
    duty, active = BUILT_IN[role].duty, {grant.duty for member, grant in found if member.state == "active"}
    seat = [(member, grant) for member, grant in found if grant.duty == duty]
    if duty in active or active >= ENOUGH or any(grant.granted_by != session.context.actor_id for _, grant in seat):
        raise ConflictError(
            "administrator_there",
            "该辖区已有自己的管理员。此后的人员由该辖区自行邀请,角色由其安全管理员授予。",
            "The tenant has administrators of its own. From now on it invites its own people, and its security"
            " administrator grants their roles.",
        )
    for member, _grant in seat:
        user = accounts.account(session, member.user_id)
        if user.login == login and user.state == "invited":
            user.sealed = personal.seal(session, user.id, name=name, email=email)
            return accounts.Invited(user, member, accounts.invite_again(session, user.id))
        if user.state != "deactivated":
            accounts.deactivate(session, user.id)
        personal.erase(session, user.id)
        note(session, USER_ERASED, subject=str(user.id))
    return accounts.invite(session, login=login, name=name, email=email, roles=(role,))
