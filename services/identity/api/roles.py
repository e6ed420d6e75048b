"""Routes about roles and who holds them."""

from __future__ import annotations

from services.identity.api.users import USER
from services.identity.commands import roles as commands
from services.identity.domain import acts
from services.identity.models import OwnRole
from services.identity.queries import people, registered
from services.identity.routes import routes
from services.identity.schemas import roles as schemas
from shared.http.declarations import Resource
from shared.http.resources import ResourceView

ALL = "/v1/roles"
READ, MANAGE = "roles:read", "roles:manage"
ROLE = ResourceView(
    kind=OwnRole, view=schemas.RoleView, present=registered.present_roles, url=lambda row: f"{ALL}/{row.name}"
)
roles = Resource(routes, ALL, ROLE, key="/<role:name>", subject="role", read=READ, write=MANAGE)
grants = Resource(routes, "/v1/users/<uuid:key>/roles", USER, key="/<role:name>", subject="role", write=MANAGE)

roles.list(registered.roles, query=schemas.RoleFilter, order=registered.ROLES, summary="角色列表 / Roles")
roles.create(
    commands.define_role, draft=schemas.RoleDraft, summary="定义角色 / Define a role", audited=acts.ROLE_DEFINED
)
roles.get(registered.role, summary="一个角色 / One role")
roles.revise(
    commands.revise_role,
    draft=schemas.RoleRevision,
    current=commands.locked_role,
    summary="修改角色 / Revise a role",
    audited=acts.ROLE_DEFINED,
)
roles.act(
    commands.remove_role,
    current=commands.locked_role,
    summary="删除角色 / Remove a role",
    audited=acts.ROLE_REMOVED,
)
grants.act(
    commands.grant_role,
    draft=schemas.GrantDraft,
    rule=grants.url,
    actions=("grant_role",),
    summary="授予角色 / Grant a role",
    audited=acts.ROLE_GRANTED,
    once=people.PERSONAL,
)
grants.act(
    commands.withdraw_role,
    rule=f"{grants.one}/withdraw",
    actions=("withdraw_role",),
    summary="撤销角色 / Withdraw a role",
    audited=acts.ROLE_WITHDRAWN,
    once=people.PERSONAL,
)
grants.bulk("grant_role", rule="/v1/users/bulk/grant", summary="批量授予角色 / Grant roles in bulk")
grants.bulk("withdraw_role", rule="/v1/users/bulk/withdraw", summary="批量撤销角色 / Withdraw roles in bulk")
