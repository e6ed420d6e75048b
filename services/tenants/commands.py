"""Every write of the tenants service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.canonical import plain
from events.tenants import (
    TenantCreated,
    TenantKeyEnrolled,
    TenantKeyRequested,
    TenantLeaving,
    TenantLeft,
    TenantQuotasSet,
    TenantReactivated,
    TenantRevised,
    TenantSuspended,
)
from services.tenants import domain
from services.tenants.models import Tenant, TenantContact
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.journal.session import Session
from shared.keys.directory import PublicKey, WrongSignatureError, key_id


def create_tenant(session: Session, *, code: str, tenant_kind: str, cell: str | None = None, **named: Any) -> Tenant:
    """A new tenant, whose id follows from its code; its cell makes the first key when it hears of it."""
    check_platform(session)
    today = day_of(session.clock.now())
    domain.check_divisions(named["division_codes"], tenant_kind, today=today)
    listed = _listed(session, named["members"])
    domain.check_members(named["members"], tenant_kind, today=today, listed=listed)
    place = cell or session.settings.cell
    check_cell(session, place)
    row = session.create(
        Tenant,
        parties=[PLATFORM],
        nonce=code,
        code=code,
        tenant_kind=tenant_kind,
        cell=place,
        keys=[],
        state=domain.TENANT_LIFECYCLE.initial,
        quotas=None,
        leaves_on=None,
        leaving_reason=None,
        **plain(named),
    )
    if session.get(Tenant, (PLATFORM, row.id)) is not None:
        raise ConflictError("code_taken", f"代码 {code} 已被使用。", f"The code {code} is taken. Choose another one.")
    row.party_ids = sorted([PLATFORM, row.id])
    session.publish(row, TenantCreated(code=code, cell=place))
    return row


def check_cell(session: Session, cell: str) -> None:
    """The cell must be known, or nobody would make the tenant's key."""
    if cell not in session.settings.cell_keys:
        known = ", ".join(sorted(session.settings.cell_keys))
        zh, en = f"单元 {cell} 不存在,可用:{known}。", f"There is no cell {cell}. Known are: {known}."
        raise InvalidError("cell_unknown", zh, en, [Fault("/cell", zh, en)])


def _listed(session: Session, members: Sequence[domain.Member]) -> dict[str, list[str]]:
    """Division codes by code of the tenants that are named: of the platform's own rows, which the directory follows."""
    named = {member["tenant"] for member in members}
    query = select(Tenant.code, Tenant.division_codes).where(Tenant.code.in_(named), Tenant.state != "left")
    return dict(session.execute(query).all()) if named else {}


def check_platform(session: Session) -> None:
    """Only the platform's administrators change tenants."""
    if session.context.party != PLATFORM:
        zh, en = "只有平台管理员可以管理辖区。", "Only the platform's administrators manage tenants."
        raise RefusedError("platform_only", zh, en)


@command("tenants.tenant.revise", Tenant)
def revise_tenant(session: Session, key: UUID, **changes: Any) -> Tenant:
    """Change names, division codes or members."""
    check_platform(session)
    row = session.locked(Tenant, key)
    today = day_of(session.clock.now())
    domain.check_divisions(
        changes.get("division_codes", row.division_codes), row.tenant_kind, today=today, known=row.division_codes
    )
    members = changes.get("members", row.members)
    listed = _listed(session, members)
    domain.check_members(members, row.tenant_kind, today=today, listed=listed, known=row.members)
    for name, value in changes.items():
        setattr(row, name, plain(value))
    session.publish(row, TenantRevised(changes=plain(changes)))
    return row


@command("tenants.tenant.set_quotas", Tenant)
def set_quotas(session: Session, key: UUID, **quotas: int | None) -> Tenant:
    """Say how much the tenant may have; what is left out or null is as the settings say."""
    check_platform(session)
    row = session.locked(Tenant, key)
    row.quotas = {name: value for name, value in quotas.items() if value is not None}
    session.publish(row, TenantQuotasSet(quotas=row.quotas))
    return row


@command("tenants.tenant.suspend", Tenant)
def suspend_tenant(session: Session, key: UUID, *, reason: str) -> Tenant:
    """Stop the tenant's API; nothing it has is lost."""
    check_platform(session)
    row = session.locked(Tenant, key)
    domain.TENANT_LIFECYCLE.move(row, "suspend")
    session.publish(row, TenantSuspended(reason=reason))
    return row


@command("tenants.tenant.reactivate", Tenant)
def reactivate_tenant(session: Session, key: UUID) -> Tenant:
    """Let a suspended tenant work again."""
    check_platform(session)
    row = session.locked(Tenant, key)
    domain.TENANT_LIFECYCLE.move(row, "reactivate")
    session.publish(row, TenantReactivated())
    return row


@command("tenants.tenant.announce_leaving", Tenant)
def announce_leaving(session: Session, key: UUID, *, reason: str, leaves_on: date | None = None) -> Tenant:
    """The tenant leaves; until it has left it goes on working."""
    check_platform(session)
    domain.check_leaving_day(leaves_on, today=day_of(session.clock.now()))
    row = session.locked(Tenant, key)
    domain.TENANT_LIFECYCLE.move(row, "announce_leaving")
    row.leaving_reason, row.leaves_on = reason, leaves_on
    session.publish(row, TenantLeaving(reason=reason, leaves_on=leaves_on))
    return row


@command("tenants.tenant.complete_leaving", Tenant)
def complete_leaving(session: Session, key: UUID) -> Tenant:
    """The tenant has left; its entry and its keys stay readable for those who verify."""
    check_platform(session)
    row = session.locked(Tenant, key)
    domain.TENANT_LIFECYCLE.move(row, "complete_leaving")
    session.publish(row, TenantLeft())
    return row


@command("tenants.tenant.rotate_key", Tenant)
def rotate_key(session: Session, key: UUID, *, reason: str) -> Tenant:
    """Ask the tenant's cell for a new key; the old one stays verifiable within its interval."""
    check_platform(session)
    row = session.locked(Tenant, key)
    session.publish(row, TenantKeyRequested(reason=reason))
    return row


@command("tenants.tenant.enrol_key", Tenant, vouched=True)
def enrol_key(session: Session, key: UUID, *, public: str, proof: str) -> Tenant:
    """Put a new public key into the directory; `proof` is its signature of tenant and key (proof of possession)."""
    row = session.locked(Tenant, key)
    if session.context.party != row.id:
        raise RefusedError("not_yours", "只能登记本辖区的密钥。", "A tenant enrols its own keys only.")
    try:
        name = key_id(public)
        PublicKey(name, row.id, public).verify(possession(row.id, public), proof)
    except (WrongSignatureError, ValueError) as error:
        raise InvalidError("proof_wrong", "密钥证明不正确。", "The key did not sign its own enrolment.") from error
    if name not in {item["key"] for item in row.keys}:
        listed = {"key": name, "algorithm": "Ed25519", "public": public}
        row.keys = domain.with_key(row.keys, listed, now=session.clock.now())
        session.publish(row, TenantKeyEnrolled(key=name))
    return row


def possession(tenant: UUID, public: str) -> dict[str, str]:
    """What a new key signs to prove that its tenant holds the private half."""
    return {"spec": "xietong.possession.v1", "tenant": str(tenant), "public": public}


def set_contact(session: Session, *, name: str, email: str, phone: str) -> TenantContact:
    """The caller's own tenant's contact; kept here, told to nobody."""
    row = session.get(TenantContact, session.context.tenant_id) or TenantContact()
    row.name, row.email, row.phone, row.updated_at = name, email, phone, session.clock.now()
    session.add(row)
    return row
