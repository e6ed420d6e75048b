"""What identity makes of other services' events: a tenant that can sign entries gets a key for its tokens."""

from __future__ import annotations

from events.tenants import TenantKeyEnrolled
from services.identity.commands.keys import ensure_token_key
from shared.commands.handlers import ReceivedEvent, handles
from shared.journal.session import Session


@handles(TenantKeyEnrolled)
def make_token_key(session: Session, received: ReceivedEvent[TenantKeyEnrolled]) -> None:
    """Publish the first key for the tenant's tokens."""
    if session.context.tenant_id == received.entry.aggregate:
        session.flush()
        ensure_token_key(session)
