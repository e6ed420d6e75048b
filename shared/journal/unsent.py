"""What still waits in the outbox: whoever repeats itself meanwhile only makes the queue longer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from shared.database.session import TenantSession
from shared.journal.outbox import OutboxRow

RELAYED = timedelta(seconds=1)
"""What waits longer than this is not merely on its way."""


def unsent_topics(session: TenantSession) -> set[str]:
    """Topics for which messages of the session tenant wait."""
    mine = OutboxRow.tenant_id == session.context.tenant_id
    old = OutboxRow.created_at < session.clock.now() - RELAYED
    return set(session.scalars(select(OutboxRow.topic).where(mine, old).distinct()))
