"""Rate limits per tenant and client that hold across processes: each leases slices of a window from the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import UUID

from flask import g
from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from shared.core.context import PLATFORM, machine_context
from shared.core.errors import ProblemError
from shared.database.prepared import Prepared
from shared.database.rows import TenantRow, table_of
from shared.http.requests.addresses import network_of
from shared.http.requests.tokens import Claims
from shared.journal.session import Database

WINDOW = 10
"""Seconds. Limits are said per minute; a window has a sixth of them, so that no one waits long."""
LEASE, SHARE, LEAST = 40, 4, 4
"""A lease is 40 requests, or a quarter of what is left of the window, so that no process takes what others need.

At the end it is 4, of small limits fewer: so much may be left unused by each process.
"""
MOST_KEYS = 20_000
WINDOWS_KEPT = 60
WRITTEN_PER_WINDOW = 10


class RateWindow(TenantRow):
    """How much of a window has been leased to all processes together."""

    __tablename__ = "rate_windows"
    __table_args__ = {"schema": "shared"}

    client: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    leased: Mapped[int]


@Prepared
def grown() -> ReturningInsert[int]:
    """Leases `more` of the window `at` to `who` of the tenant `of`; gives how much is leased now."""
    columns = {"tenant_id": "of", "client": "who", "window": "at", "leased": "more"}
    table = table_of(RateWindow)
    given = {column: bindparam(name, type_=table.c[column].type) for column, name in columns.items()}
    leased = (
        upsert(table)
        .values(given)
        .on_conflict_do_update(
            index_elements=["tenant_id", "client", "window"], set_={"leased": table.c.leased + given["leased"]}
        )
    )
    return leased.returning(table.c.leased)


class TooManyRequestsError(ProblemError):
    """The limit is reached; `retry_after` are the seconds until the next window."""

    status = 429
    retry_after: int = 1


@dataclass
class _Lease:
    left: int = 0
    leased: int = 0
    is_exhausted: bool = False
    asking: Lock = field(default_factory=Lock)
    """Many threads that find nothing left lease once."""


@dataclass
class Limits:
    """What this process has leased; `count` raises 429 when neither it nor the database has any left."""

    database: Database
    _leases: dict[tuple[UUID, str, int], _Lease] = field(default_factory=dict)
    _written: dict[tuple[str, int], int] = field(default_factory=dict)
    _swept: dict[UUID, int] = field(default_factory=dict)
    """In which window this process last deleted a tenant's old rows: that reads all of them."""
    _lock: Lock = field(default_factory=Lock)

    def count(self, claims: Claims) -> None:
        """Count one request of this tenant and client; raises `TooManyRequestsError`."""
        settings = self.database.settings
        quota = self.database.directory.quota(claims.tenant_id, "requests_per_minute")
        tenant = quota or settings.requests_per_minute
        client = f"{claims.client_id}/{claims.subject}"
        # The client first: what is refused to it is not taken from its tenant.
        self._take(claims.tenant_id, client, limit=min(tenant, settings.client_requests_per_minute))
        self._take(claims.tenant_id, "*", limit=tenant)

    def count_address(self, address: str) -> None:
        """Count a form that somebody sent who is not known yet; raises `TooManyRequestsError`."""
        self._take(PLATFORM, f"address/{network_of(address)}", limit=self.database.settings.address_requests_per_minute)

    def count_public(self, address: str) -> None:
        """Count a request without a token; raises `TooManyRequestsError`. Tight: what is public is not to be listed."""
        self._take(PLATFORM, f"public/{network_of(address)}", limit=self.database.settings.public_requests_per_minute)

    def count_register(self, address: str) -> None:
        """Count a look into what is listed for anybody; raises `TooManyRequestsError`."""
        self._take(
            PLATFORM, f"register/{network_of(address)}", limit=self.database.settings.address_requests_per_minute
        )

    def is_worth_writing(self, source: str) -> bool:
        """Whether one more refusal of this address (or whoever it was) and window goes into the audit log."""
        key = (network_of(source), self._window())
        with self._lock:
            self._forget(self._written)
            self._written[key] = self._written.get(key, 0) + 1
            return self._written[key] <= WRITTEN_PER_WINDOW

    def _take(self, tenant: UUID, client: str, *, limit: int) -> None:
        key, most = (tenant, client, self._window()), max(1, limit * WINDOW // 60)
        with self._lock:
            self._forget(self._leases)
            lease = self._leases.setdefault(key, _Lease())
        if not lease.is_exhausted:
            # Not under the lock of all: whoever leases waits for the database.
            with lease.asking:
                if not lease.left and not lease.is_exhausted:
                    self._lease(key, lease, most=most)
                if lease.left:
                    lease.left -= 1
                    return self._say(client, lease, most=most)
        self._say(client, lease, most=most)
        g.refused, wait = f"{tenant}/{client}", self._seconds_left()
        error = TooManyRequestsError(
            "too_many_requests",
            f"请求过于频繁(每 {WINDOW} 秒至多 {most} 次)。请在 {wait} 秒后重试。",
            f"Too many requests (at most {most} in {WINDOW} s). Retry in {wait} s.",
        )
        error.retry_after = wait
        raise error

    def _lease(self, key: tuple[UUID, str, int], lease: _Lease, *, most: int) -> None:
        tenant, client, window = key
        asked = min(LEASE, max(1, min(LEAST, most // 10), (most - lease.leased) // SHARE))
        with self.database.session(machine_context(tenant, "limits")) as session:
            given = {"of": tenant, "who": client, "at": window, "more": asked}
            leased = int(session.ask_first(grown, **given)[0] or 0)
            if self._swept.get(tenant) != window:
                self._swept[tenant] = window
                session.execute(delete(RateWindow).where(RateWindow.window < window - WINDOWS_KEPT))
        lease.left, lease.leased = max(0, asked - max(0, leased - most)), min(leased, most)
        lease.is_exhausted = not lease.left

    def _say(self, client: str, lease: _Lease, *, most: int) -> None:
        # The policy closest to its end is what the caller is told of (draft-ietf-httpapi-ratelimit-headers).
        left = max(0, most - lease.leased + lease.left)
        known = g.get("rate")
        if known is None or left < known[2]:
            g.rate = ("tenant" if client == "*" else "client", most, left, self._seconds_left())

    def _now(self) -> datetime:
        return self.database.clock.now()

    def _window(self) -> int:
        return int(self._now().timestamp()) // WINDOW

    def _seconds_left(self) -> int:
        return WINDOW - int(self._now().timestamp()) % WINDOW

    def _forget(self, kept: dict[tuple[UUID, str, int], _Lease] | dict[tuple[str, int], int]) -> None:
        if len(kept) > MOST_KEYS:
            kept.clear()
            return
        first: Iterable[tuple[object, ...]] = iter(kept)
        oldest = next(iter(first), None)
        if oldest is not None and oldest[-1] != self._window():
            # A new window: what was leased in the last one is gone.
            kept.clear()


def headers() -> dict[str, str]:
    """RateLimit headers of the current request, if it was counted."""
    rate = g.get("rate")
    if rate is None:
        return {}
    name, most, left, seconds = rate
    return {"RateLimit-Policy": f'"{name}";q={most};w={WINDOW}', "RateLimit": f'"{name}";r={left};t={seconds}'}
