"""Lines: how each tenant stands with which this one shares things, and why what is late there or here is late."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, case, cast, func, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from shared.broadcasts.completeness import FRESH, Gap, KnownCell
from shared.database.prepared import HERE, Prepared
from shared.journal.entries import JournalRow
from shared.journal.heads import HeadRow
from shared.journal.progress import HELD as IS_HELD
from shared.journal.progress import IN_STEP as IS_IN_STEP
from shared.journal.progress import PARKED, ProgressRow
from shared.journal.session import Session
from shared.keys.directory import DirectoryRow, Listing, PublicKey, keys_of
from shared.replication.receipts import ReceiptRow

IN_STEP, BEHIND, HELD, UNHEARD, SUSPENDED = REASONS = ("in_step", "behind", "held", "unheard", "suspended")


@dataclass(frozen=True)
class Standing:
    """How one tenant stands: what it has not confirmed, what of its things does not advance here, and its cell.

    `heard_at` is when its cell last said anything, by this cell's clock at most; `clock_ahead` by how many seconds its
    clock runs before ours: of one that runs behind nothing can be told from a message that is late.
    """

    tenant: UUID
    listing: Listing
    heard_at: datetime | None
    clock_ahead: float | None
    is_here: bool
    is_silent: bool
    key: PublicKey | None = None
    unconfirmed: int = 0
    waiting_versions: int = 0
    waiting_since: datetime | None = None
    is_stuck: bool = False
    held: int = 0
    missing: int = 0
    held_since: datetime | None = None
    confirmed_at: datetime | None = None

    @property
    def code(self) -> str:
        """As the directory has it."""
        return self.listing.code

    @property
    def reason(self) -> str:
        """Why something is late, if anything is."""
        return self.reason_of(is_held=self.is_stuck or self.held + self.missing > 0, is_behind=self.unconfirmed > 0)

    def reason_of(self, *, is_held: bool, is_behind: bool = True) -> str:
        """Why a thing is late that stands so: first what keeps everything from moving, last what only takes time."""
        if not self.listing.is_working:
            return SUSPENDED
        if self.is_silent:
            return UNHEARD
        if is_held:
            return HELD
        return BEHIND if is_behind else IN_STEP


def standings(session: Session) -> list[Standing]:
    """Of every other tenant that this one shares something with; what is broadcast to all is shared with nobody."""
    tenants, here = dict[UUID, dict[str, Any]](), session.context.tenant_id
    confirmed = {party: {"confirmed_at": at} for party, at in CONFIRMED.rows(session, here=here)}
    known: dict[UUID, dict[str, Any]] = {home: {} for (home,) in homes.rows(session, here=here)}
    waiting = {row[0]: dict(zip(WAITED, row[1:], strict=True)) for row in unconfirmed.rows(session, here=here)}
    held = {row[0]: dict(zip(KEPT_BACK, row[1:], strict=True)) for row in ARRIVING.rows(session, here=here)}
    for found in (confirmed, known, waiting, held):
        for tenant, told in found.items():
            tenants.setdefault(tenant, {}).update(told)
    gaps = {home: number for home, number in session.execute(GAPS).all() if home in tenants}
    for home, number in gaps.items():
        tenants[home]["missing"] = tenants[home].get("missing", 0) + number
    keys = _current_keys(session, tenants)
    lines = lines_to(session, tenants)
    return [replace(line, key=keys.get(tenant), **tenants[tenant]) for tenant, line in lines.items()]


def lines_to(session: Session, tenants: Iterable[UUID]) -> dict[UUID, Standing]:
    """Of these tenants, as far as their cells tell; one that is not listed has none."""
    listings, now, own = session.directory.listings(session, tenants), session.clock.now(), session.settings.cell
    cells = {listing.cell for listing in listings.values()}
    known = {row.cell: row for row in session.scalars(select(KnownCell).where(KnownCell.cell.in_(cells)))}
    found = {}
    for tenant, listing in listings.items():
        cell, is_here = known.get(listing.cell), listing.cell == own
        said, clock = (None, None) if cell is None else (cell.said_at, cell.heard_at)
        ahead = None if said is None or clock is None else max((clock - said).total_seconds(), 0.0)
        # This cell hears itself, too, once its worker runs.
        silent = not is_here if said is None else now - said > FRESH
        found[tenant] = Standing(tenant, listing, said, ahead, is_here, silent)
    return found


def _current_keys(session: Session, tenants: Collection[UUID]) -> dict[UUID, PublicKey]:
    """The newest key of each that counts now."""
    now = session.clock.now()
    rows = session.execute(select(DirectoryRow.id, DirectoryRow.state).where(DirectoryRow.id.in_(tenants)))
    keys = (key for tenant, state in rows for key in keys_of(tenant, state) if key.since <= now < key.until)
    return {key.tenant: key for key in sorted(keys, key=lambda key: key.since)}


WAITED = ("unconfirmed", "waiting_versions", "waiting_since", "is_stuck")
KEPT_BACK = ("held", "missing", "held_since")
CONFIRMED = Prepared(
    lambda: (
        select(ReceiptRow.party_id, func.max(ReceiptRow.applied_at))
        .where(ReceiptRow.tenant_id == HERE)
        .group_by(ReceiptRow.party_id)
    )
)


@Prepared
def homes() -> Any:
    """Of whom this tenant has copies of things: from one home to the next in the index, not over all copies.

    PostgreSQL has no such scan of its own (its wiki: "loose index scan"); a million copies are of a few homes.
    """
    home = ProgressRow.home_id
    others = select(home.label("home")).where(ProgressRow.tenant_id == HERE, home != ProgressRow.tenant_id)
    found = select(others.order_by(home).limit(1).scalar_subquery().label("home")).cte("found", recursive=True)
    following = others.where(home > found.c.home).order_by(home).limit(1).scalar_subquery()
    found = found.union_all(select(following).where(found.c.home.is_not(None)))
    return select(found.c.home).where(found.c.home.is_not(None))


ARRIVING = Prepared(
    lambda: (
        select(
            ProgressRow.home_id,
            func.count(),
            func.sum(func.greatest(ProgressRow.wanted_version - ProgressRow.version, 0)),
            func.min(func.coalesce(ProgressRow.waits_since, ProgressRow.applied_at)),
        )
        .where(ProgressRow.tenant_id == HERE, ProgressRow.status != IS_IN_STEP)
        .group_by(ProgressRow.home_id)
    )
)
GAPS = select(Gap.home, func.count()).where(Gap.open).group_by(Gap.home)


@Prepared
def unconfirmed() -> Any:
    """Of each tenant: how many things it has not come to, how many versions it lacks, since when, whether it is stuck.

    What it confirmed since its head was noted does not count. The first version that it lacks is the one after its last
    word; of what it never spoke of, the last.
    """
    head, entry = HeadRow, JournalRow
    waits = func.jsonb_each(head.waiting).table_valued("key", "value").render_derived(name="waits")
    party, at = cast(waits.c.key, Uuid()), cast(waits.c.value, JSONB())
    epoch, version = at[0].astext.cast(Integer()), at[1].astext.cast(Integer())
    same = (
        ReceiptRow.tenant_id == head.tenant_id,
        ReceiptRow.aggregate_id == head.aggregate_id,
        ReceiptRow.party_id == party,
    )
    # Looked up one by one: else the planner, which does not know how few wait, reads all receipts there are.
    told = select(ReceiptRow.epoch, ReceiptRow.version, ReceiptRow.status).where(*same).limit(1).lateral("word")
    word = told.c
    reached = tuple_(func.coalesce(word.epoch, epoch), func.coalesce(word.version, version - 1))
    first = (
        select(entry.recorded_at)
        .where(entry.tenant_id == head.tenant_id, entry.aggregate_id == head.aggregate_id)
        .where(tuple_(entry.epoch, entry.version) > reached)
        .order_by(entry.epoch, entry.version)
        .limit(1)
        .scalar_subquery()
    )
    lacks = case((func.coalesce(word.epoch, 0) < epoch, version), else_=version - word.version)
    return (
        select(
            party, func.count(), func.sum(lacks), func.min(first),
            func.coalesce(func.bool_or(or_(word.status == IS_HELD, word.status == PARKED)), False),
        )
        .select_from(head)
        .join(waits, true())
        .outerjoin(told, true())
        .where(head.tenant_id == HERE, head.waiting != {}, tuple_(epoch, version) > reached)
        .group_by(party)
    )  # fmt: skip
