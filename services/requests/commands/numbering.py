"""The next number of a tenant: without gaps or collisions, however many processes file at once."""

from __future__ import annotations

from typing import cast

from sqlalchemy.dialects.postgresql import insert

from services.requests.domain.numbers import number_of
from services.requests.models import Counter
from shared.core.calendar import day_of
from shared.database.rows import table_of
from shared.journal.session import Session


def next_number(session: Session) -> str:
    """Held until the transaction ends: whoever files at the same time waits, and what is rolled back leaves no gap."""
    tenant, year = session.context.tenant_id, day_of(session.clock.now()).year
    table = table_of(Counter)
    first = insert(table).values(tenant_id=tenant, year=year, last=1)
    raised = first.on_conflict_do_update(
        index_elements=["tenant_id", "year"], set_={"last": table.c.last + 1}
    ).returning(table.c.last)
    sequence = cast(int, session.scalar(raised))
    listing = session.directory.listings(session, [tenant])[tenant]
    return number_of(listing.code, year=year, sequence=sequence)
