"""What the gate asks: which keys sign tokens, and whether a token was revoked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from services.identity.domain.clients import OF_PLATFORM
from services.identity.domain.revoked import made_at
from services.identity.models import PublishedKey, RevocationList, Revocations
from shared.core.calendar import read_moment
from shared.core.context import PLATFORM
from shared.database.prepared import Prepared
from shared.http.requests.tokens import Claims, IssuerKey, access_jwk, revoked_token
from shared.journal.session import Database, Session
from shared.keys.directory import DirectoryRow

ENTERING = Prepared(
    lambda: select(
        select(RevocationList.revoked).limit(1).scalar_subquery(),
        select(Revocations.state["revoked"])
        .where(Revocations.id == bindparam("platforms", type_=Uuid()))
        .scalar_subquery(),
        select(DirectoryRow.status + " " + DirectoryRow.cell)
        .where(DirectoryRow.id == bindparam("tenant", type_=Uuid()))
        .scalar_subquery(),
    )
)
"""Asked with every request: what its tenant has revoked, what the platform has, and how the tenant is listed."""
LOOKED = timedelta(seconds=1)
"""For so long it is believed that the platform has revoked nothing yet."""


@dataclass
class LocalIssuer:
    """Reads the registers of this cell."""

    database: Database
    _list: UUID | None = field(default=None, init=False)
    _looked_at: datetime | None = field(default=None, init=False)

    def keys(self) -> list[IssuerKey]:
        """Every published key that may still have living tokens."""
        with self.database.cell_session() as session:
            rows = session.execute(select(PublishedKey.entry, PublishedKey.state)).all()
        now = self.database.clock.now()
        found: list[IssuerKey] = []
        for entry, state in rows:
            until = None if state.get("until") is None else read_moment(state["until"])
            if until is None or until > now:
                # Of one set, that of access tokens, then those of ID tokens.
                jwks = [access_jwk(state["key"], state["public"]), *state.get("id_keys", {}).values()]
                found += [IssuerKey(jwk, _home(entry), until) for jwk in jwks]
        return found

    def entered(self, session: Session, claims: Claims) -> tuple[str, str]:
        """Begin the session's transaction with one look, at each request: how its tenant stands, and its cell.

        Raises `UnauthenticatedError` when the tenant has revoked the token, its session, owner or client.
        """
        own, platforms, listed = session.ask_first(ENTERING, tenant=claims.tenant_id, platforms=self._list)
        revoked: Mapping[str, Any] = json.loads(own) if own else {}
        of_client = (f"client:{claims.client_id}", "*")
        names = (f"jti:{claims.token_id}", f"sid:{claims.session}", f"sub:{claims.subject}", *of_client)
        is_void = _is_void(revoked, names, issued_at=claims.issued_at)
        if not is_void and claims.tenant_id == PLATFORM and not revoked:
            # The platform's own may act in every cell: where it does not live, its list is known by broadcast.
            is_void = _is_void(self._broadcast(session, platforms), names, issued_at=claims.issued_at)
        if not is_void and claims.tenant_id != PLATFORM and claims.client_id.startswith(OF_PLATFORM):
            is_void = _is_void(self._broadcast(session, platforms), of_client, issued_at=claims.issued_at)
        if is_void:
            raise revoked_token()
        status, _, cell = (listed or b"unknown ").decode().partition(" ")
        return status, cell

    def _broadcast(self, session: Session, known: bytes | None) -> Mapping[str, Any]:
        """What the platform has revoked: its list keeps its id, so it is searched for only until it is found."""
        revoked: Mapping[str, Any] = (
            json.loads(known) if known else (self._found(session) or {"revoked": {}})["revoked"]
        )
        return revoked

    def _found(self, session: Session) -> Mapping[str, Any] | None:
        now = session.clock.now()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOKED:
            return None
        for key, entry, state in session.execute(select(Revocations.id, Revocations.entry, Revocations.state)):
            if _home(entry) == PLATFORM:
                self._list, found = key, state
                return dict(found)
        self._looked_at = now
        return None


def _is_void(revoked: Mapping[str, Any], names: Iterable[str], *, issued_at: datetime) -> bool:
    return any(name in revoked and issued_at <= made_at(revoked[name]) for name in names)


def _home(entry: bytes) -> UUID:
    return UUID(json.loads(entry)["home"])
