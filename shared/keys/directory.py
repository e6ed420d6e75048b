"""The register of all tenants with their cells and public keys, as the platform signed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from sqlalchemy import BigInteger, Computed, FetchedValue, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from events.canonical import Json, canonical, digest
from shared.core.calendar import read_moment
from shared.core.context import PLATFORM
from shared.core.encoding import b64decode
from shared.core.errors import Fault, InvalidError
from shared.core.settings import Settings
from shared.database.rows import Register, table_of

WORKING = ("active", "leaving")
"""States in which a tenant may use the platform."""
PLATFORM_CODE = "platform"
PLATFORM_NAMES = ("协同平台", "Xietong platform")
VERIFIERS = lru_cache(maxsize=10_000)(lambda public: VerifyKey(b64decode(public)))
BEGINNING, NO_END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LEFT = "left"
"""The state, for good, of a tenant that is a party of nothing any more."""
FOLDED = "shared.folded((state->>'code') || ' ' || (state->>'name_zh') || ' ' || (state->>'name_en'))"


class DirectoryRow(Register):
    """One tenant; `keys` in its state are all public keys it ever had, with their intervals."""

    __tablename__ = "directory"
    __table_args__ = {"schema": "shared"}

    code: Mapped[str] = mapped_column(Computed("state->>'code'", persisted=True))
    cell: Mapped[str] = mapped_column(Computed("state->>'cell'", persisted=True))
    kind: Mapped[str] = mapped_column(Computed("state->>'kind'", persisted=True))
    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))
    folded: Mapped[str | None] = mapped_column(Computed(FOLDED, persisted=True), deferred=True)
    changed: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    """Another, greater number each time the row is written: by a trigger, in the order in which it is seen."""


class KeyUnknownError(Exception):
    """The directory does not hold this key (yet): what it signed waits."""


class WrongSignatureError(Exception):
    """The signature does not fit: what it covers is never applied."""


@dataclass(frozen=True)
class PublicKey:
    """One key of one tenant; it counts from `since` until before `until`, which is `NO_END` while nobody has set it."""

    id: str
    tenant: UUID
    public: str
    since: datetime = BEGINNING
    until: datetime = NO_END

    def verify(self, document: Mapping[str, Json], signature: str) -> None:
        """Raises `WrongSignatureError` unless this key signed the RFC 8785 bytes of `document`."""
        self.verify_bytes(canonical(document), signature)

    def verify_bytes(self, signed: bytes, signature: str) -> None:
        """The same for bytes that are canonical already."""
        try:
            # libsodium needs half the time of OpenSSL, and most of what a worker does is verifying.
            VERIFIERS(self.public).verify(signed, b64decode(signature))
        except (BadSignatureError, ValueError) as error:
            raise WrongSignatureError(f"key {self.id} did not sign this") from error


def key_id(public: str) -> str:
    """The name of a public key: the first 16 hex digits of its SHA-256."""
    return digest(b64decode(public))[:16]


def keys_of(tenant: UUID, state: Mapping[str, Json]) -> list[PublicKey]:
    """The public keys in a directory state."""
    return [
        PublicKey(
            id=key["key"],
            tenant=tenant,
            public=key["public"],
            since=BEGINNING if key.get("valid_from") is None else read_moment(key["valid_from"]),
            until=NO_END if key.get("valid_until") is None else read_moment(key["valid_until"]),
        )
        for key in state.get("keys", [])
    ]


@dataclass(frozen=True)
class Listing:
    """What the directory says of one tenant."""

    id: UUID
    code: str
    cell: str
    status: str
    name_zh: str
    name_en: str
    quotas: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_working(self) -> bool:
        """Whether the tenant may use the platform, wherever it lives."""
        return self.status in WORKING


class _Known(NamedTuple):
    """What was read of the directory, and until which change; `ids` by code, `keys` by name."""

    changed: int
    listings: Mapping[UUID, Listing]
    ids: Mapping[str, UUID]
    keys: Mapping[str, PublicKey]
    cells: frozenset[str]

    def with_rows(self, rows: Sequence[Any]) -> _Known:
        """Also these, the newest last; the platform itself comes from the settings."""
        listings = {row.id: _listing(row) for row in rows if row.id != PLATFORM}
        keys = {key.id: key for row in rows for key in keys_of(row.id, row.state) if row.id in listings}
        return _Known(
            max([self.changed, *(row.changed for row in rows)]),
            {**self.listings, **listings},
            {**self.ids, **{listing.code: listing.id for listing in listings.values()}},
            {**{name: key for name, key in self.keys.items() if key.tenant not in listings}, **keys},
            self.cells | {listing.cell for listing in listings.values()},
        )


def _of_settings(settings: Settings) -> _Known:
    key = PublicKey(key_id(settings.platform_key), PLATFORM, settings.platform_key)
    listing = Listing(PLATFORM, PLATFORM_CODE, settings.platform_cell, "active", *PLATFORM_NAMES)
    cells = frozenset({settings.platform_cell, *settings.cell_keys})
    return _Known(-1, {PLATFORM: listing}, {PLATFORM_CODE: PLATFORM}, {key.id: key}, cells)


def _listing(row: Any) -> Listing:
    zh, en = (str(row.state.get(name) or row.code) for name in ("name_zh", "name_en"))
    return Listing(row.id, row.code, row.cell, row.status, zh, en, row.state.get("quotas") or {})


_ROW = table_of(DirectoryRow).c
_ROWS = select(_ROW.id, _ROW.code, _ROW.cell, _ROW.status, _ROW.state, _ROW.changed)
SINCE = _ROWS.where(_ROW.changed >= bindparam("changed")).order_by(_ROW.changed)
SECONDS_KEPT = 1.0
"""How long a process may trust what it read: a new key or tenant is looked up at once when it is missing."""


@dataclass
class Directory:
    """The directory as one process sees it, read on at most once a second and whenever something is missing."""

    settings: Settings
    _read_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._known = _of_settings(self.settings)

    def refresh(self, session: Session) -> None:
        """Read what has changed since, by its numbers: what that costs does not grow with the number of tenants.

        The last change that was read must still be there, or all is read anew: a transaction that this process looked
        into was rolled back, or the database has another past.
        """
        known = self._known
        rows = session.execute(SINCE, {"changed": known.changed}).all()
        if not rows and known.changed >= 0:
            known = _of_settings(self.settings)
            rows = session.execute(SINCE, {"changed": known.changed}).all()
        new = [row for row in rows if row.changed > known.changed]
        with self._lock:
            # Another thread may have read further.
            if known.changed < 0 or (new and new[-1].changed > self._known.changed):
                self._known = known.with_rows(new)
            self._read_at = monotonic()

    def listing(self, session: Session, tenant: UUID) -> Listing | None:
        """What the directory says of `tenant`, or None."""
        return self.listings(session, [tenant]).get(tenant)

    def listings(self, session: Session, ids: Iterable[UUID], *, of_tenants: bool = True) -> dict[UUID, Listing]:
        """What it says of those that it lists; however many it does not, they cost one look.

        They cost none where the ids may be of anything, and not `of_tenants`.
        """
        wanted = set(ids)
        if monotonic() - self._read_at > SECONDS_KEPT or (of_tenants and not wanted <= self._known.listings.keys()):
            self.refresh(session)
        known = self._known.listings
        return {key: known[key] for key in wanted if key in known}

    def called(self, key: UUID) -> Listing | None:
        """What this process last read of it, without a look: for sentences in which an id may stand."""
        return self._known.listings.get(key)

    def quota(self, tenant: UUID, name: str) -> int | None:
        """The tenant's quota by name as this process last read it; None while there is none."""
        listing = self._known.listings.get(tenant)
        return None if listing is None else listing.quotas.get(name)

    def named(self, session: Session, code: str) -> Listing | None:
        """The listing of the tenant with this code, or None."""
        self.listing(session, PLATFORM)
        known = self._known
        return None if code not in known.ids else known.listings[known.ids[code]]

    def cells(self, session: Session, tenants: Iterable[UUID]) -> set[str]:
        """The cells that host any of `tenants`; raises KeyError for a tenant that is not listed."""
        found = self.listings(session, wanted := list(tenants))
        missing = [tenant for tenant in wanted if tenant not in found]
        if missing:
            raise KeyError(missing[0])
        return {listing.cell for listing in found.values()}

    def all_cells(self, session: Session) -> set[str]:
        """Every cell: where broadcasts go."""
        self.listing(session, PLATFORM)
        return {*self._known.cells, *self.settings.cell_keys}

    def staying(self, session: Session, tenants: Iterable[UUID]) -> list[UUID]:
        """Those of `tenants` that have not left the platform, in their order; one that is not listed yet stays."""
        known = self.listings(session, given := list(tenants))
        return [tenant for tenant in given if tenant not in known or known[tenant].status != LEFT]

    def check_active(self, session: Session, tenants: Mapping[str, UUID]) -> None:
        """Whoever becomes a party must be a tenant at work, or the entry could not reach it; the platform is none.

        `tenants` are named by where they stand in the request (JSON pointer); raises `InvalidError` with those.
        """
        known = self.listings(session, tenants.values())
        active = {key for key, listing in known.items() if listing.status == "active"} - {PLATFORM}
        faults = [
            Fault(pointer, f"平台上没有可参与的辖区 {tenant}", f"{tenant} is not an active tenant of this platform")
            for pointer, tenant in tenants.items()
            if tenant not in active
        ]
        if faults:
            raise InvalidError(
                "party_unknown",
                "有参与方不在平台名录中或未启用。请对照名录(/v1/tenants)更正。",
                "A party is not in the directory or not active. Correct it by the directory (/v1/tenants).",
                faults,
            )

    def hosted(self, session: Session, tenants: Iterable[UUID]) -> list[UUID]:
        """Those of `tenants` that live in this cell, in a fixed order."""
        found = self.listings(session, tenants)
        return sorted(tenant for tenant, listing in found.items() if listing.cell == self.settings.cell)

    def knows(self, session: Session, keys: Iterable[str]) -> set[str]:
        """Those of these names of keys by which something can be verified here: of tenants and of cells."""
        self.listing(session, PLATFORM)
        of_cells = {key_id(public) for public in self.settings.cell_keys.values()}
        return {name for name in keys if name in self._known.keys or name in of_cells}

    def first_end(self, session: Session) -> datetime | None:
        """When the first of the tenants here that have not left has no key any more; None while none is to end."""
        self.listing(session, PLATFORM)
        known, ends = self._known, dict[UUID, datetime]()
        for key in known.keys.values():
            listing = known.listings[key.tenant]
            if listing.cell == self.settings.cell and listing.status != LEFT and key.tenant != PLATFORM:
                ends[key.tenant] = max(key.until, ends.get(key.tenant, BEGINNING))
        return min((end for end in ends.values() if end != NO_END), default=None)

    def check_vouched(self, session: Session, document: Mapping[str, Json], *, signature: str, by: UUID) -> None:
        """Raises unless the cell that hosts tenant `by` signed: how a tenant enrols the first key it has."""
        listing = self.listing(session, by)
        public = None if listing is None else self.settings.cell_keys.get(listing.cell)
        if public is None:
            raise KeyUnknownError(str(document.get("key")))
        PublicKey(key_id(public), by, public).verify(document, signature)

    def key(self, session: Session, name: str, *, of: UUID, at: datetime) -> PublicKey:
        """The key of this name, which must be the tenant's and count `at` that moment.

        Raises `KeyUnknownError` when the directory does not list it (yet), `WrongSignatureError` otherwise.
        """
        if monotonic() - self._read_at > SECONDS_KEPT or name not in self._known.keys:
            self.refresh(session)
        key = self._known.keys.get(name)
        if key is None:
            raise KeyUnknownError(name)
        if key.tenant != of or not key.since <= at < key.until:
            raise WrongSignatureError(f"key {name} is not one of {of} at {at.isoformat()}")
        return key
