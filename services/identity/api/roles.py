"""Routes about roles and who holds them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.identity.commands import roles as commands
from services.identity.domain import acts
from services.identity.domain.roles import Role
from services.identity.models import Membership, OwnRole
from services.identity.queries import people, registered
from services.identity.routes import routes
from services.identity.schemas import roles as schemas
from services.identity.schemas.users import UserView
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing
from shared.http.lists.pages import PageFilter
from shared.http.resources import ResourceView
from shared.journal.session import Session

ALL = "/v1/roles"
ONE = f"{ALL}/<role:name>"
GRANTS = "/v1/users/<uuid:key>/roles"
READ, MANAGE = "roles:read", "roles:manage"
ROLE = ResourceView(
    kind=OwnRole, view=schemas.RoleView, present=registered.present_roles, url=lambda row: f"{ALL}/{row.name}"
)
HOLDER = ResourceView(kind=Membership, view=UserView, present=people.present_people)


@routes.list(ALL, ROLE, scope=READ, summary="角色列表 / Roles", query=PageFilter,
             order=registered.ROLES)  # fmt: skip
def list_roles(session: Session, _filters: dict[str, Any], paging: PageRequest) -> Page:
    """Built-in roles and the tenant's own."""
    return registered.roles(session, paging=paging)


@routes.create(ALL, ROLE, scope=MANAGE, summary="定义角色 / Define a role", draft=schemas.RoleDraft,
               audited=acts.ROLE_DEFINED)  # fmt: skip
def define_role(session: Session, name: str, **given: Any) -> OwnRole:
    """A role of the tenant's own."""
    return commands.define_role(session, name, **given)


@routes.get(ONE, ROLE, scope=READ, summary="一个角色 / One role")
def show_role(session: Session, name: str) -> Role | OwnRole:
    """One role."""
    return registered.role(session, name)


@routes.own("PATCH", ONE, shown=ROLE, scope=MANAGE, summary="修改角色 / Revise a role", draft=schemas.RoleRevision,
            audited=acts.ROLE_DEFINED, current=commands.locked_role)  # fmt: skip
def revise_role(session: Session, name: str, **changes: Any) -> OwnRole:
    """Change what was given."""
    return commands.revise_role(session, name, **changes)


@routes.own("POST", f"{ONE}/remove", shown=ROLE, scope=MANAGE, summary="删除角色 / Remove a role", draft=Nothing,
            audited=acts.ROLE_REMOVED, current=commands.locked_role)  # fmt: skip
def remove_role(session: Session, name: str) -> OwnRole:
    """One that nobody holds."""
    return commands.remove_role(session, name)


@routes.own("POST", GRANTS, shown=HOLDER, scope=MANAGE, summary="授予角色 / Grant a role", draft=schemas.GrantDraft,
            audited=acts.ROLE_GRANTED, once=people.PERSONAL)  # fmt: skip
def grant_role(session: Session, key: UUID, role: str) -> Membership:
    """To somebody else."""
    return commands.grant_role(session, key, name=role)


@routes.own("POST", f"{GRANTS}/<role:name>/withdraw", shown=HOLDER, scope=MANAGE, summary="撤销角色 / Withdraw a role",
            draft=Nothing, audited=acts.ROLE_WITHDRAWN, once=people.PERSONAL)  # fmt: skip
def withdraw_role(session: Session, key: UUID, name: str) -> Membership:
    """At once."""
    return commands.withdraw_role(session, key, name=name)


routes.bulk("/v1/users/bulk/grant", of="grant_role", summary="批量授予角色 / Grant roles in bulk")
routes.bulk("/v1/users/bulk/withdraw", of="withdraw_role", summary="批量撤销角色 / Withdraw roles in bulk")
