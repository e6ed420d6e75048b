"""What the gate asks: which keys sign tokens, and whether a token was revoked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.identity.models import PublishedKey, RevocationList, Revocations
from shared.auth import Claims, IssuerKey, revoked_token
from shared.context import PLATFORM
from shared.db import Database, Session


@dataclass(frozen=True)
class LocalIssuer:
    """Reads the registers of this cell."""

    database: Database

    def keys(self) -> list[IssuerKey]:
        """Every published key that may still have living tokens."""
        with self.database.cell_session() as session:
            rows = session.execute(select(PublishedKey.entry, PublishedKey.state)).all()
        now = self.database.clock.now()
        found = [_key(entry, state) for entry, state in rows]
        return [key for key in found if key.until is None or key.until > now]

    def check_alive(self, session: Session, claims: Claims) -> None:
        """Raises `UnauthenticatedError` when the tenant has revoked the token, its session, owner or client."""
        revoked = session.scalar(select(RevocationList.revoked)) or {}
        if not revoked and claims.tenant_id == PLATFORM:
            # The platform's own may act in every cell: where it does not live, its list is known by broadcast.
            revoked = self._broadcast(session)
        names = (f"jti:{claims.token_id}", f"sid:{claims.session}", f"sub:{claims.subject}",
                 f"client:{claims.client_id}", "*")  # fmt: skip
        if any(_void(revoked, name, issued_at=claims.issued_at) for name in names):
            raise revoked_token()

    def _broadcast(self, session: Session) -> Mapping[str, Any]:
        for entry, state in session.execute(select(Revocations.entry, Revocations.state)):
            if _home(entry) == PLATFORM:
                revoked: Mapping[str, Any] = state["revoked"]
                return revoked
        return {}


def _void(revoked: Mapping[str, Any], name: str, *, issued_at: datetime) -> bool:
    at = revoked.get(name)
    return at is not None and issued_at <= datetime.fromisoformat(at)


def _home(entry: bytes) -> UUID:
    return UUID(json.loads(entry)["home"])


def _key(entry: bytes, state: Mapping[str, Any]) -> IssuerKey:
    until = state["until"]
    return IssuerKey(
        state["key"], _home(entry), state["public"], None if until is None else datetime.fromisoformat(until)
    )
