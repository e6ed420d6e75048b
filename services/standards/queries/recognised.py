"""By which recognition other tenants' certificates may be read here, and what is told of those by none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.standards.domain.dependencies import legible
from services.standards.domain.recognition import accepting
from services.standards.models import Recognition
from shared.database.rows import state_of
from shared.journal.session import Session

Document = Mapping[str, Any]
CLOSED: Mapping[str, Any] = {
    "spells": [], "holder": None, "methods": [], "report": [], "based_on": [], "replaces": None, "replaced_by": None,
    "reason_digest": None,
}  # fmt: skip
"""What only those see who recognise a certificate; the rest is public (`queries.publicity`)."""
SCOPE = ("product_classes", "sectors", "parks", "extra_tests", "validity_cap_months")


def readable(session: Session, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Other tenants' certificates: whole, with the recognition and its scope, where one in force here covers them."""
    here, now = session.context.tenant_id, session.clock.now()
    homes = sorted({UUID(one["tenant"]) for one in documents} - {here})
    between = Recognition.recogniser.in_(homes) | Recognition.recognised.in_(homes)
    in_force = select(Recognition).where(Recognition.state == "in_force", between).order_by(Recognition.id)
    known = [(row.id, state_of(row)) for row in session.scalars(in_force)] if homes else []
    return [_told(one, known, here=here, moment=now) for one in documents]


def _told(
    document: Document, known: Sequence[tuple[UUID, Document]], *, here: UUID, moment: datetime
) -> dict[str, Any]:
    if document["tenant"] == str(here):
        return {**document, "recognition": None}
    for key, recognition in known:
        item = legible(partial(accepting, recognition, document, here=here, moment=moment), otherwise=None)
        if item is not None:
            return {**document, "recognition": {"id": key, **{name: item[name] for name in SCOPE}}}
    return {**document, **CLOSED, "recognition": None}
