"""A new tenant's first administrators: the platform invites them, one for each duty, until they have come."""

from __future__ import annotations

from sqlalchemy import Select, select

from services.identity.commands import accounts
from services.identity.models import Grant, Membership
from shared.db import Session
from shared.errors import ConflictError


def invite_administrator(session: Session, *, role: str, login: str, name: str, email: str) -> accounts.Invited:
    """In the tenant's session: whoever is to hold `role` there, who has it as soon as the link is used.

    A link that was lost is replaced, and whoever was invited for the role before is not any more. Raises
    `ConflictError` once somebody holds the role: from then on the tenant invites its own.
    """
    for member in session.scalars(_holders(role)):
        if member.state == "active":
            raise ConflictError(
                "administrator_there",
                "该辖区已有这一职责的管理员。此后的人员由该辖区自行邀请,角色由其安全管理员授予。",
                "The tenant has an administrator of this duty. From now on it invites its own people, and its security"
                " administrator grants their roles.",
            )
        user = accounts.account(session, member.user_id)
        if user.login == login:
            return accounts.Invited(user, member, accounts.invite_again(session, user.id))
        accounts.deactivate(session, user.id)
        accounts.end_membership(session, user.id)
    return accounts.invite(session, login=login, name=name, email=email, roles=(role,))


def _holders(role: str) -> Select[Membership]:
    held = select(Grant.user_id).where(Grant.role == role)
    return select(Membership).where(Membership.user_id.in_(held), Membership.state != "ended").with_for_update()
