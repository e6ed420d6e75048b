"""What the tenants service publishes; every entry is signed by the platform and broadcast to all cells."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.canonical import Json
from events.catalog import Change, event


@event("tenants.tenant.created.v1", zh="新增辖区", en="Tenant created")
class TenantCreated(Change):
    """A jurisdiction became a tenant; its cell makes its first key."""

    code: str
    cell: str


@event("tenants.tenant.revised.v1", zh="修改辖区信息", en="Tenant revised")
class TenantRevised(Change):
    """Names, division codes or members changed; `changes` holds the new values."""

    changes: dict[str, Json]


@event("tenants.tenant.quotas_set.v1", zh="设定配额", en="Quotas set")
class TenantQuotasSet(Change):
    """How much the tenant may have of users, organisations and requests per minute; what is missing is unlimited."""

    quotas: dict[str, int]


@event("tenants.tenant.key_requested.v1", zh="要求更换签名密钥", en="A new signing key was asked for")
class TenantKeyRequested(Change):
    """The tenant's cell is asked to make a new key."""

    reason: str


@event("tenants.tenant.key_enrolled.v1", zh="登记签名密钥", en="Signing key enrolled")
class TenantKeyEnrolled(Change):
    """A public key of the tenant counts from now on; the one before stays verifiable within its interval."""

    key: str


@event("tenants.tenant.suspended.v1", zh="暂停辖区", en="Tenant suspended")
class TenantSuspended(Change):
    """The tenant's API answers 403."""

    reason: str


@event("tenants.tenant.reactivated.v1", zh="恢复辖区", en="Tenant reactivated")
class TenantReactivated(Change):
    """The tenant works again."""


@event("tenants.tenant.leaving.v1", zh="辖区宣布退出", en="Tenant announced that it leaves")
class TenantLeaving(Change):
    """The tenant has announced that it leaves, why, and on which day if that is known."""

    reason: str | None = None
    leaves_on: date | None = None


@event("tenants.tenant.left.v1", zh="辖区已退出", en="Tenant left")
class TenantLeft(Change):
    """The tenant is no longer on the platform."""

    successor: UUID | None = None
