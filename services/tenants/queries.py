"""Reads of the tenants service: mostly the directory, which is public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as AnySession

from services.tenants.domain import QUOTA_NAMES, TENANT_LIFECYCLE
from services.tenants.models import Tenant, TenantContact
from shared.core.context import PLATFORM
from shared.core.errors import NotFoundError
from shared.database import usage
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.database.rows import state_of
from shared.http.requests.tenants import as_given
from shared.http.sharing import Shared, shared_by, shared_in_groups
from shared.journal.session import Session
from shared.keys.directory import LEFT, DirectoryRow
from shared.reference import divisions
from shared.text.matching import sounds_like_all

tenants = ListQuery(
    DirectoryRow,
    Order(
        {name: getattr(DirectoryRow, name) for name in ("code", "kind", "received_at")},
        "code",
        (DirectoryRow.id,),
        at_or_after(DirectoryRow.received_at),
    ),
    {
        "kind": DirectoryRow.kind,
        "state": DirectoryRow.status,
        "q": lambda value: sounds_like_all(DirectoryRow.folded, value),
    },
)
"""The directory in order of code."""
STAYING = DirectoryRow.status != LEFT, DirectoryRow.id != PLATFORM
public_tenants = ListQuery(
    DirectoryRow,
    tenants.order,
    tenants.filters,
    visible=lambda _session: STAYING,
)
"""Those that take part, in order of code."""


def tenant(session: Session, key: UUID) -> Tenant | DirectoryRow:
    """The platform's own row where there is one, else what the directory says; raises `NotFoundError`."""
    row = session.get(Tenant, (session.context.tenant_id, key)) or session.get(DirectoryRow, key)
    if row is None:
        raise NotFoundError.of("辖区 / tenant", as_given(key))
    return row


def quotas(session: Session, key: UUID) -> dict[str, Any]:
    """What the tenant may have, and what its own people see of its use; raises `NotFoundError`."""
    row, is_own = session.one(Tenant, key), key == session.context.tenant_id
    given, settings = row.quotas or {}, session.settings
    limits: dict[str, int | None] = {
        "requests_per_minute": settings.requests_per_minute,
        "file_bytes": settings.tenant_file_bytes,
    }
    used = usage.counted(session) if is_own and session.context.scope == "tenant" else {}
    uses = [usage.Use(name, given.get(name, limits.get(name)), used.get(name)) for name in QUOTA_NAMES]
    return {"tenant": key, "uses": uses}


def present_tenants(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """What the view shows of directory rows and tenant rows alike."""
    documents = []
    for row in rows:
        state = state_of(row) if isinstance(row, Tenant) else row.state
        actions = TENANT_LIFECYCLE.actions(state["state"]) if session.context.party == PLATFORM else ()
        members = [{**member, "division_name": _division_name(member)} for member in state["members"]]
        documents.append(
            {
                **state,
                "id": row.id,
                "members": members,
                "quotas": state.get("quotas") or {},
                "leaves_on": state.get("leaves_on"),
                "leaving_reason": state.get("leaving_reason"),
                "version": row.version,
                "epoch": row.epoch,
                "etag": row.etag,
                "received_at": getattr(row, "received_at", None),
                "allowed_actions": ("revise", "rotate_key", "set_quotas", *actions) if actions else (),
            }
        )
    return documents


def present_public_tenants(session: AnySession, rows: Sequence[DirectoryRow]) -> list[dict[str, Any]]:
    """What anybody sees of tenants, with how much each shares."""
    shared = shared_by(session, [row.id for row in rows])
    return [
        {
            **row.state,
            "id": row.id,
            "members": [{**member, "division_name": _division_name(member)} for member in row.state["members"]],
            "shared": shared[row.id],
        }
        for row in rows
    ]


def groups(session: AnySession) -> dict[str, Any]:
    """What tenants that take part share with each other, those who have left taken out."""
    staying = {str(key) for key in session.scalars(select(DirectoryRow.id).where(*STAYING))}
    found: dict[tuple[str, frozenset[str]], Shared] = {}
    for one in shared_in_groups(session):
        key = one.kind, frozenset(staying.intersection(one.tenants))
        same = found.get(key)
        found[key] = replace(same, count=same.count + one.count) if same else replace(one, tenants=sorted(key[1]))
    return {"groups": [one for one in found.values() if len(one.tenants) > 1]}


def _division_name(member: Mapping[str, Any]) -> str | None:
    division = divisions.get(member["division"])
    return None if division is None else division.name_zh


def contact(session: Session) -> TenantContact:
    """The caller's tenant's contact; raises `NotFoundError` while there is none."""
    row = session.get(TenantContact, session.context.tenant_id)
    if row is None:
        raise NotFoundError.of("联系方式 / contact", session.context.tenant_id)
    return row


def public_keys(session: AnySession, code: str) -> dict[str, Any]:
    """A tenant's public keys; raises `NotFoundError`."""
    row = session.scalars(select(DirectoryRow).where(DirectoryRow.code == code)).one_or_none()
    if row is None:
        raise NotFoundError.of("辖区 / tenant", code)
    return {"tenant": row.id, "code": row.code, "keys": row.state.get("keys", [])}
