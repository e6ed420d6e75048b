"""Revoking tokens that are still alive: at once in this cell, by broadcast in the others."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from events.identity import TokensRevoked
from services.identity.domain.keys import RETIRED_LIFE
from services.identity.domain.revoked import MOST_OWN, kept, made_at, owner_of, without_own
from services.identity.models import RevocationList
from shared.journal.session import Session

MOST = 400
"""Administrators' revocations kept apart; beyond them everything of the tenant issued before now is void."""


def revoke(session: Session, keys: Iterable[str], *, owner: str | None = None) -> None:
    """Void all tokens of the session's tenant issued until now that match one of `keys` (see `RevocationList`).

    `owner` is `client:…` or `sub:…` when somebody voids what is its own: whoever does so often voids all that is its
    own, and never anything of others.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return
    # One list a tenant, also when two begin it at once.
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"revocations/{session.context.tenant_id}", 0))
    session.execute(select(lock))
    found = session.scalars(select(RevocationList.id)).first()
    if found is None:
        row = session.create(RevocationList, parties=[session.context.tenant_id], revoked={})
    else:
        row = session.locked(RevocationList, found)
    now = session.clock.now()
    living = {key: value for key, value in row.revoked.items() if made_at(value) > now - RETIRED_LIFE}
    if owner is not None and len(living) - len(others := without_own(living, owner)) >= MOST_OWN:
        living, wanted = others, [owner]
    living |= dict.fromkeys(wanted, kept(now, owner))
    # People's and clients' own are bounded one by one; together they must not void what is somebody else's.
    are_few = sum(1 for value in living.values() if not owner_of(value)) <= MOST
    row.revoked = living if are_few else {"*": kept(now, None)}
    session.publish(row, TokensRevoked(revoked=wanted))
