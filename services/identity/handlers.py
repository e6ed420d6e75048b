"""What identity makes of other services' events: a tenant that can sign entries gets a key for its tokens."""

from __future__ import annotations

from events.tenants import TenantKeyEnrolled
from services.identity.commands.keys import ensure_token_key
from shared.db import Session
from shared.reactions import Happened, handles


@handles(TenantKeyEnrolled)
def make_token_key(session: Session, happened: Happened[TenantKeyEnrolled]) -> None:
    """Publish the first key for the tenant's tokens."""
    if session.context.tenant_id == happened.entry.aggregate:
        session.flush()
        ensure_token_key(session)
