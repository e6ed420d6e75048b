"""Routes of the tenants service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as AnySession

from services.tenants import commands, domain, queries
from services.tenants.models import Contact, Tenant
from services.tenants.schemas import (
    ContactSchema,
    KeyDraft,
    LeavingDraft,
    PublicKeysView,
    QuotaDraft,
    QuotasView,
    ReasonGiven,
    TenantDraft,
    TenantFilter,
    TenantRevision,
    TenantView,
)
from shared.commands.registry import command_of
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing
from shared.http.resources import ResourceView
from shared.http.routes import Routes
from shared.journal.session import Session

routes = Routes("tenants")
TENANT = ResourceView(
    kind=Tenant, view=TenantView, present=queries.present_tenants, url=lambda row: f"/v1/tenants/{row.id}"
)
CONTACT = ResourceView(kind=Contact, view=ContactSchema)
ONE = "/v1/tenants/<tenant:key>"
# Not a route: the tenants' own cells send it when they have made a key.
command_of(commands.enrol_key).bind(KeyDraft)


@routes.list("/v1/tenants", TENANT, scope="tenants:read", summary="辖区名录 / The directory", query=TenantFilter,
             order=queries.TENANTS)  # fmt: skip
def list_tenants(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """All tenants."""
    return queries.listed_tenants(session, filters, paging=paging)


@routes.create(
    "/v1/tenants",
    TENANT,
    scope=domain.MANAGE,
    summary="新增辖区 / Create a tenant",
    draft=TenantDraft,
    audited=domain.CREATED,
)
def create_tenant(session: Session, **arguments: Any) -> Tenant:
    """A new tenant."""
    return commands.create_tenant(session, **arguments)


@routes.get(ONE, TENANT, scope="tenants:read", summary="一个辖区 / One tenant")
def show_tenant(session: Session, key: UUID) -> Any:
    """One tenant."""
    return queries.tenant(session, key)


@routes.public(
    "/v1/public/tenants/<tenantcode:code>/keys", ResourceView(kind=dict, view=PublicKeysView),
    summary="辖区公钥 / A tenant's public keys",
)  # fmt: skip
def show_tenant_keys(session: AnySession, code: str) -> dict[str, Any]:
    """Those of now and of before, as the platform's directory lists them."""
    return queries.public_keys(session, code)


for method, action, run, text, draft, scope in (
    ("PATCH", "", commands.revise_tenant, "修改辖区 / Revise", TenantRevision, domain.MANAGE),
    ("PUT", "/quotas", commands.set_quotas, "设定配额 / Set quotas", QuotaDraft, domain.QUOTAS),
    ("POST", "/suspend", commands.suspend_tenant, "暂停 / Suspend", ReasonGiven, domain.MANAGE),
    ("POST", "/reactivate", commands.reactivate_tenant, "恢复 / Reactivate", Nothing, domain.MANAGE),
    (
        "POST",
        "/announce-leaving",
        commands.announce_leaving,
        "宣布退出 / Announce leaving",
        LeavingDraft,
        domain.MANAGE,
    ),
    ("POST", "/complete-leaving", commands.complete_leaving, "完成退出 / Complete leaving", Nothing, domain.MANAGE),
    ("POST", "/rotate-key", commands.rotate_key, "更换密钥 / Rotate the signing key", ReasonGiven, domain.MANAGE),
):
    done = domain.ACTS[command_of(run).name]
    routes.act(
        method, f"{ONE}{action}", run=run, shown=TENANT, scope=scope, summary=text, draft=draft, audited=done
    )  # fmt: skip

routes.history(ONE, TENANT, scope="tenants:read", of=queries.history)


@routes.get(
    f"{ONE}/quotas", ResourceView(kind=dict, view=QuotasView), scope="tenants:read", summary="配额使用情况 / Quotas"
)
def show_quotas(session: Session, key: UUID) -> dict[str, Any]:
    """What the tenant may have and what of it is used."""
    return queries.quotas(session, key)


@routes.get("/v1/contact", CONTACT, scope="tenants:contact", summary="本辖区联系方式 / Own contact")
def show_tenant_contact(session: Session) -> Contact:
    """The caller's tenant's contact."""
    return queries.own_contact(session)


@routes.own(
    "PUT",
    "/v1/contact",
    shown=CONTACT,
    scope="tenants:contact",
    summary="修改联系方式 / Set contact",
    draft=ContactSchema,
)
def set_tenant_contact(session: Session, **arguments: Any) -> Contact:
    """Set it."""
    return commands.set_contact(session, **arguments)
