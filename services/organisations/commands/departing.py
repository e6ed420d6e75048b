"""What follows for organisations when a tenant they were introduced to has left: it holds their cards no longer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import any_, select

from events.organisations import OrganisationWithdrawn
from services.organisations.models import Organisation
from shared.journal.session import Session
from shared.journal.timers import schedule, timer

FOLLOW = "organisations.organisation.follow_departure"
AT_ONCE = 200
"""In one transaction; the next ones have one of their own."""


@timer(FOLLOW)
def follow_departure(session: Session, tenant: UUID, _params: Mapping[str, Any]) -> None:
    """At the home of organisations."""
    here = session.context.tenant_id
    if tenant == here:
        return
    introduced = Organisation.home_id == here, any_(Organisation.party_ids) == tenant
    keys = session.scalars(select(Organisation.id).where(*introduced).order_by(Organisation.id).limit(AT_ONCE)).all()
    rows = [session.locked(Organisation, key) for key in keys]
    for row in rows:
        row.party_ids = [party for party in row.party_ids if party != tenant]
    session.publish_all([(row, OrganisationWithdrawn(tenant=tenant)) for row in rows])
    if len(rows) == AT_ONCE:
        schedule(session, FOLLOW, aggregate=tenant, due_at=session.clock.now())
