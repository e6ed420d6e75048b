"""Revoking tokens that are still alive: at once in this cell, by broadcast in the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from events.canonical import instant
from events.identity import TokensRevoked
from services.identity.domain.keys import RETIRED_LIFE
from services.identity.models import RevocationList
from shared.db import Session

MOST = 400
"""Revocations kept apart; beyond them everything of the tenant issued before now is void, and is asked for anew."""


def revoke(session: Session, keys: Iterable[str]) -> None:
    """Void all tokens of the session's tenant issued until now that match one of `keys` (see `RevocationList`)."""
    wanted = sorted(set(keys))
    if not wanted:
        return
    row = _list(session)
    now = session.clock.now()
    living = {key: at for key, at in row.revoked.items() if datetime.fromisoformat(at) > now - RETIRED_LIFE}
    living |= dict.fromkeys(wanted, instant(now))
    row.revoked = living if len(living) <= MOST else {"*": instant(now)}
    session.publish(row, TokensRevoked(revoked=wanted))


def _list(session: Session) -> RevocationList:
    # One list a tenant, also when two begin it at once.
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"revocations/{session.context.tenant_id}", 0))
    session.execute(select(lock))
    found = session.scalars(select(RevocationList.id)).first()
    if found is not None:
        return session.locked(RevocationList, found)
    return session.create(RevocationList, parties=[session.context.tenant_id], revoked={})
