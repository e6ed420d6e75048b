"""Commands on roles: a tenant defines its own; a security administrator grants and withdraws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.identity.commands.revocations import revoke
from services.identity.domain.roles import BUILT_IN, Role, check_duties, check_holder, check_role
from services.identity.models import Grant, Membership, OwnRole, User
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, Fault, InvalidError, NotFoundError, RefusedError
from shared.evidence.audit import detail
from shared.journal.session import Session

MOST_ROLES = 200


def grantable_roles(session: Session, names: Sequence[str]) -> list[Role]:
    """Built-in roles and the tenant's own; raises `InvalidError` for a name that is neither."""
    asked = select(OwnRole).where(OwnRole.name.in_(list(names))).order_by(OwnRole.name)
    # None of them changes before they are granted.
    locked = asked.with_for_update(read=True).execution_options(populate_existing=True)
    own = session.scalars(locked).all()
    known = {**BUILT_IN, **{row.name: row.role for row in own}}
    unknown = [
        Fault(f"/roles/{index}", "没有这个角色。", "There is no such role.")
        for index, name in enumerate(names)
        if name not in known
    ]
    if unknown:
        raise InvalidError("role_unknown", "没有这个角色。", "There is no such role.", unknown)
    return [known[name] for name in dict.fromkeys(names)]


def give_roles(session: Session, membership: Membership, *, names: Sequence[str]) -> None:
    """Grant what a new member begins with; raises when the roles do not go together or do not suit the member."""
    roles = grantable_roles(session, names)
    check_duties(roles)
    of_platform = session.context.tenant_id == PLATFORM
    for role in roles:
        check_holder(role, organisation=membership.organisation_id is not None, of_platform=of_platform)
        session.add(
            Grant(
                user_id=membership.user_id,
                role=role.name,
                duty=role.duty,
                granted_by=session.context.actor_id,
                granted_at=session.clock.now(),
            )
        )


def role_named(session: Session, name: str) -> Role:
    """A built-in role or one of the tenant's own, which does not change until the end; raises `NotFoundError`."""
    key, locked = (session.context.tenant_id, name), {"read": True}
    own = None if name in BUILT_IN else session.get(OwnRole, key, with_for_update=locked, populate_existing=True)
    found = BUILT_IN.get(name) or (own.role if own else None)
    if found is None:
        raise NotFoundError.of("角色 / role", name)
    return found


def define_role(session: Session, name: str, *, scopes: Sequence[str], **words: Any) -> OwnRole:
    """A role of the tenant's own, below its ceiling and of one duty."""
    duty = check_role(scopes, of_platform=session.context.tenant_id == PLATFORM)
    if name in BUILT_IN or session.get(OwnRole, (session.context.tenant_id, name)) is not None:
        raise ConflictError("role_exists", f"角色 {name} 已存在。", f"There is a role {name} already.")
    if (session.scalar(select(func.count()).select_from(OwnRole)) or 0) >= MOST_ROLES:
        raise ConflictError(
            "roles_full", f"至多 {MOST_ROLES} 个自定义角色。", f"At most {MOST_ROLES} roles of one's own."
        )
    row = OwnRole(name=name, duty=duty, created_at=session.clock.now(), version=1, scopes=sorted(set(scopes)), **words)
    row.second_factor = row.second_factor or duty != "daily"
    session.add(row)
    session.flush()
    detail(session, subject=name, after={"scopes": row.scopes, "duty": duty})
    return row


def revise_role(session: Session, name: str, **changes: Any) -> OwnRole:
    """Change an own role; its holders' tokens end, so that they get new ones with what it says now."""
    row, holders = locked_role(session, name), _holders(session, name)
    before = {"scopes": list(row.scopes), "duty": row.duty}
    for key, value in changes.items():
        setattr(row, key, sorted(set(value)) if key == "scopes" else value)
    row.duty = check_role(row.scopes, of_platform=session.context.tenant_id == PLATFORM)
    if row.duty != before["duty"] and holders:
        raise _in_use(name)
    row.second_factor = row.second_factor or row.duty != "daily"
    row.version += 1
    session.flush()
    revoke(session, [f"sub:{holder}" for holder in holders])
    detail(session, subject=name, before=before, after={"scopes": row.scopes, "duty": row.duty})
    return row


def remove_role(session: Session, name: str) -> OwnRole:
    """Remove an own role that nobody holds."""
    row = locked_role(session, name)
    if _holders(session, name):
        raise _in_use(name)
    session.delete(row)
    session.flush()
    detail(session, subject=name, before={"scopes": row.scopes, "duty": row.duty})
    return row


def grant_role(session: Session, key: UUID, *, role: str) -> Membership:
    """Give a member a role, unless it is oneself or the roles exclude each other."""
    if session.context.actor_id == str(key):
        raise RefusedError(
            "not_to_oneself",
            "不能给自己授予角色。请由另一位安全管理员授予。",
            "Nobody grants a role to himself. Ask another security administrator.",
        )
    # The account first, as where an invitation is accepted.
    account, locked = (session.context.tenant_id, key), {"read": True}
    kept = session.get(User, account, with_for_update=locked, populate_existing=True)
    member, granted, held = locked_member(session, key), role_named(session, role), held_names(session, key)
    if role in held:
        raise ConflictError("role_held", "该用户已有此角色。", "This user holds the role already.")
    check_holder(
        granted, organisation=member.organisation_id is not None, of_platform=session.context.tenant_id == PLATFORM
    )
    check_duties([*(role_named(session, item) for item in held), granted])
    if granted.duty != "daily":
        # Whoever invited holds the link, and could come in as the administrator; of other tenants' accounts nothing is
        # seen here.
        states = (member.state, kept.state if kept else None)
        if kept is None or kept.otp_at is None or states != ("active", "active"):
            raise ConflictError(
                "holder_unproven",
                "管理员角色只授予本辖区已启用、且已设置第二因素的账号。请先让本人登录并设置第二因素。",
                "Administrators' roles go only to active accounts of this tenant with a second factor. Let the person"
                " sign in and set one up first.",
            )
    session.add(
        Grant(
            user_id=key,
            role=role,
            duty=granted.duty,
            granted_by=session.context.actor_id,
            granted_at=session.clock.now(),
        )
    )
    session.flush()
    return _changed(session, member, before=held)


def withdraw_role(session: Session, key: UUID, *, name: str) -> Membership:
    """Take a role from a member."""
    member, held = locked_member(session, key), held_names(session, key)
    row = session.get(Grant, (session.context.tenant_id, key, name))
    if row is None:
        raise NotFoundError.of("角色 / role", name)
    session.delete(row)
    session.flush()
    return _changed(session, member, before=held)


def _changed(session: Session, member: Membership, *, before: Sequence[str]) -> Membership:
    # What the old tokens say is not so any more.
    revoke(session, [f"sub:{member.user_id}"])
    after = held_names(session, member.user_id)
    detail(session, subject=str(member.user_id), before={"roles": list(before)}, after={"roles": list(after)})
    return member


def held_names(session: Session, user_id: UUID) -> Sequence[str]:
    """The names of a member's roles, sorted."""
    return session.scalars(select(Grant.role).where(Grant.user_id == user_id).order_by(Grant.role)).all()


def locked_member(session: Session, user_id: UUID) -> Membership:
    """The membership, locked, so that two grants at once see each other; raises `NotFoundError`."""
    key = (session.context.tenant_id, user_id)
    row = session.get(Membership, key, with_for_update=True, populate_existing=True)
    if row is None or row.state == "ended":
        raise NotFoundError.of("用户 / user", user_id)
    return row


def locked_role(session: Session, name: str) -> OwnRole:
    """The tenant's own role, locked; raises `NotFoundError`, `ConflictError` for a built-in one."""
    if name in BUILT_IN:
        raise ConflictError("role_built_in", "内置角色不能修改。", "Built-in roles do not change.")
    row = session.get(OwnRole, (session.context.tenant_id, name), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError.of("角色 / role", name)
    return row


def _holders(session: Session, name: str) -> Sequence[UUID]:
    return session.scalars(select(Grant.user_id).where(Grant.role == name)).all()


def _in_use(name: str) -> ConflictError:
    return ConflictError(
        "role_in_use", f"仍有人担任角色 {name}。请先撤销。", f"Somebody holds the role {name}. Withdraw it first."
    )
