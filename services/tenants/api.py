"""Routes of the tenants service."""

from __future__ import annotations

from services.tenants import commands, domain, queries
from services.tenants.models import Tenant, TenantContact
from services.tenants.schemas import (
    ContactSchema,
    GroupsView,
    KeyDraft,
    LeavingDraft,
    PublicKeysView,
    PublicTenantView,
    QuotaDraft,
    QuotasView,
    ReasonGiven,
    TenantDraft,
    TenantFilter,
    TenantRevision,
    TenantView,
)
from shared.commands.registry import command_of
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.http.routes import Routes
from shared.keys.directory import DirectoryRow

ALL = "/v1/tenants"
READ, CONTACT = "tenants:read", "tenants:contact"
TENANT = ResourceView(kind=Tenant, view=TenantView, present=queries.present_tenants, url=lambda row: f"{ALL}/{row.id}")
OWN = ResourceView(kind=TenantContact, view=ContactSchema)
QUOTA_USE = ResourceView(kind=dict, view=QuotasView)
PUBLIC = ResourceView(kind=DirectoryRow, view=PublicTenantView, present=queries.present_public_tenants)
GROUPS = ResourceView(kind=dict, view=GroupsView)
KEYS = ResourceView(kind=dict, view=PublicKeysView)
routes = Routes("tenants")
tenants = Resource(routes, ALL, TENANT, key="/<tenant:key>", read=READ, write=domain.MANAGE)
contact = Resource(routes, "/v1/contact", OWN, key="", subject="tenant_contact", read=CONTACT, write=CONTACT)
# Not a route: the tenants' own cells send it when they have made a key.
command_of(commands.enrol_key).bind(KeyDraft)

tenants.list(queries.tenants, query=TenantFilter, summary="辖区名录 / The directory")
tenants.create(commands.create_tenant, draft=TenantDraft, summary="新增辖区 / Create a tenant", audited=domain.CREATED)
tenants.get(queries.tenant, summary="一个辖区 / One tenant")
routes.public_list(
    "/v1/public/tenants",
    queries.public_tenants,
    query=TenantFilter,
    shown=PUBLIC,
    name="list_public_tenants",
    summary="加入的辖区 / Jurisdictions that take part",
)
routes.public(
    "/v1/public/tenants/shared",
    queries.groups,
    shown=GROUPS,
    of_register=True,
    name="show_what_is_shared",
    summary="各辖区之间共享什么 / What jurisdictions share with each other",
)
routes.public(
    "/v1/public/tenants/<tenantcode:code>/keys",
    queries.public_keys,
    shown=KEYS,
    name="show_tenant_keys",
    summary="辖区公钥 / A tenant's public keys",
)
tenants.revise(commands.revise_tenant, draft=TenantRevision, summary="修改辖区 / Revise", audited=domain.REVISED)
tenants.act(
    commands.set_quotas,
    draft=QuotaDraft,
    summary="设定配额 / Set quotas",
    audited=domain.QUOTAS_SET,
    method="PUT",
    rule=f"{tenants.one}/quotas",
    scope=domain.QUOTAS,
)
tenants.act(commands.suspend_tenant, draft=ReasonGiven, summary="暂停 / Suspend", audited=domain.SUSPENDED)
tenants.act(commands.reactivate_tenant, summary="恢复 / Reactivate", audited=domain.REACTIVATED)
tenants.act(
    commands.announce_leaving, draft=LeavingDraft, summary="宣布退出 / Announce leaving", audited=domain.LEAVING
)
tenants.act(commands.complete_leaving, summary="完成退出 / Complete leaving", audited=domain.LEFT)
tenants.act(
    commands.rotate_key, draft=ReasonGiven, summary="更换密钥 / Rotate the signing key", audited=domain.KEY_ROTATED
)
tenants.history()
tenants.get(
    queries.quotas, shown=QUOTA_USE, rule=f"{tenants.one}/quotas", name="show_quotas", summary="配额使用情况 / Quotas"
)
contact.get(queries.contact, summary="本辖区联系方式 / Own contact")
contact.act(
    commands.set_contact,
    draft=ContactSchema,
    method="PUT",
    rule=contact.one,
    name="set_tenant_contact",
    summary="填写联系方式 / Fill in the contact",
)
