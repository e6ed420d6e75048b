"""Rows of the tenants service."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shared.database.rows import KIND, Aggregate, TenantRow, aggregate
from shared.keys.directory import DirectoryRow


@aggregate
class Tenant(Aggregate):
    """A jurisdiction on the platform: home is the platform, the tenant itself a party, the directory its register."""

    __tablename__ = "tenants"
    __table_args__ = {"schema": "tenants"}
    kind = "tenants.tenant"
    called = "辖区 / tenant"
    register = DirectoryRow
    audited = ("state", "code", "name_zh", "name_en", "division_codes", "members", "cell", "quotas")

    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    tenant_kind: Mapped[str] = mapped_column(info=KIND)
    division_codes: Mapped[list[str]]
    members: Mapped[list[dict[str, Any]]]
    cell: Mapped[str]
    keys: Mapped[list[dict[str, Any]]]
    state: Mapped[str]
    quotas: Mapped[dict[str, Any] | None]
    leaves_on: Mapped[date | None]
    leaving_reason: Mapped[str | None]


class TenantContact(TenantRow):
    """How to reach a tenant's administration: seen and edited by that tenant alone, in no event."""

    __tablename__ = "contacts"
    __table_args__ = {"schema": "tenants"}

    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    updated_at: Mapped[datetime]
