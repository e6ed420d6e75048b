"""That a client proved who it is: written down at most once a minute, and no assertion counts twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.identity.models import Assertion, Client, Credential
from shared.core.secrets import hashed
from shared.http.requests.tokens import LEEWAY
from shared.journal.session import Session

USE_KEPT = timedelta(minutes=1)
STILL_TAKEN = timedelta(seconds=2 * LEEWAY)
"""An assertion is taken for a while after it expires, so it is remembered for longer than that."""


def is_stale(used_at: datetime | None, *, now: datetime) -> bool:
    """Whether a use is worth writing down: once a minute is often enough."""
    return used_at is None or now - used_at >= USE_KEPT


def mark_used(session: Session, name: str, *, credential: UUID | None) -> None:
    """The client and its credential were used now."""
    now = session.clock.now()
    stale = Client.used_at.is_(None) | (Client.used_at <= now - USE_KEPT)
    session.execute(update(Client).where(Client.name == name, stale).values(used_at=now))
    if credential is not None:
        old = Credential.used_at.is_(None) | (Credential.used_at <= now - USE_KEPT)
        session.execute(update(Credential).where(Credential.id == credential, old).values(used_at=now))


def accept_assertion(session: Session, client_id: str, *, jti: str, until: datetime) -> bool:
    """Whether this client's assertion is new; `until` is when it expires by itself."""
    session.execute(delete(Assertion).where(Assertion.expires_at < session.clock.now() - STILL_TAKEN))
    values = {
        "tenant_id": session.context.tenant_id,
        "hash": hashed(f"{client_id} {jti}"),
        "expires_at": until,
    }
    made = upsert(Assertion).values(values).on_conflict_do_nothing().returning(Assertion.hash)
    return session.scalar(made) is not None
