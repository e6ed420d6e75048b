"""Released standards and accredited bodies as anybody sees them, and how many each tenant shares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from services.standards.models import BodyRow, StandardRow
from shared.evidence.documents import document_of
from shared.http.sharing import groups_of

COUNTING = ("published", "in_force")
"""States of a standard that is shared: released, and not at its end."""


def present_public_standards(_session: Any, rows: Sequence[StandardRow]) -> list[dict[str, Any]]:
    """What the views show."""
    return [document_of(row) for row in rows]


def present_public_bodies(_session: Any, rows: Sequence[BodyRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [document_of(row) for row in rows]


def standards_shared(session: Any, tenants: Collection[UUID]) -> Mapping[UUID, int]:
    """How many standards that count each of these tenants has issued, alone or with others."""
    issuers = func.jsonb_array_elements(StandardRow.state["issuers"]).column_valued("issuer", joins_implicitly=True)
    issuer = issuers.op("->>")("tenant")
    query = (
        select(issuer, func.count()).select_from(StandardRow).where(StandardRow.status.in_(COUNTING)).group_by(issuer)
    )
    return _of(tenants, dict(session.execute(query).all()))


def standards_of_groups() -> Select[Any]:
    """How many standards that count the same tenants have issued."""
    number = StandardRow.state["numbers"][0].astext
    found = groups_of(StandardRow, StandardRow.state["issuers"], called=(number, number))
    return found.where(StandardRow.status.in_(COUNTING))


def bodies_shared(session: Any, tenants: Collection[UUID]) -> Mapping[UUID, int]:
    """How many bodies each of these tenants has accredited."""
    home = BodyRow.state["tenant"].astext
    query = select(home, func.count()).where(BodyRow.state["state"].astext == "accredited").group_by(home)
    return _of(tenants, dict(session.execute(query).all()))


def _of(tenants: Collection[UUID], counts: Mapping[str, int]) -> dict[UUID, int]:
    return {tenant: counts.get(str(tenant), 0) for tenant in tenants}
