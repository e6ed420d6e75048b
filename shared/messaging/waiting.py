"""What does not flow: one view of everything in a cell that waits, since when, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, cast, func, literal, select, union_all
from sqlalchemy.orm import Session as CellSession

from events.canonical import instant
from shared.commands.forwarding import PENDING, PendingCommand
from shared.journal.heads import HeadRow
from shared.journal.outbox import OutboxRow
from shared.journal.progress import HELD, PARKED, ProgressRow
from shared.journal.reactions import ReactionRow
from shared.journal.session import Database, Session
from shared.journal.timers import TimerRow
from shared.keys.directory import DirectoryRow
from shared.keys.keyring import SigningKey
from shared.messaging.waiting_kinds import KINDS
from shared.replication.progress import RejectRow

SOON = timedelta(seconds=5)
"""What is younger than this is merely on its way."""
MANY_TIMES = 5
"""Times a head was repeated (for two minutes) before its confirmation counts as missing."""
SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """How many of one kind wait, and since when the oldest does."""

    count: int
    since: datetime | None

    def age(self, now: datetime) -> float:
        """Seconds the oldest has waited; 0 when none waits."""
        return 0.0 if self.since is None else max((now - self.since).total_seconds(), 0.0)


@dataclass(frozen=True)
class Item:
    """One thing that waits: its id, since when and why.

    `what` is the kind of thing, the command, the part or the topic it is about, `said` what was said of it, if any,
    `home` the other tenant concerned. Of what is replicated, `version` is the last one here, `wanted` the newest known.
    """

    kind: str | None
    """None where nothing waits any more."""
    subject: str
    since: datetime
    what: str
    said: str | None = None
    thing: UUID | None = None
    home: UUID | None = None
    version: int | None = None
    wanted: int | None = None

    @property
    def at(self) -> str:
        """Since when, as it sorts."""
        return instant(self.since)

    @property
    def mark(self) -> str:
        """What no other one is called that waits since the same moment."""
        return sha256(f"{self.subject} {self.what} {self.version} {self.said}".encode()).hexdigest()[:16]

    @property
    def reason(self) -> str:
        """As an operator reads it, with ids."""
        told = f"{self.what}: {self.said}" if self.said else self.what
        return f"{told} → {self.home}" if self.home else told


def what_waits(worker: Database, relay: Database) -> dict[str, Waiting]:
    """Every kind with its count and oldest, over all tenants of this cell: of these `relay` sees when what waits began.

    What that costs follows what waits, not how many tenants there are.
    """
    found: dict[str, Waiting] = {}
    for database, kinds in ((worker, _of_cell()), (relay, _of_tenant(relay.clock.now()))):
        with database.cell_session() as session:
            for name, count, since in session.execute(union_all(*(one.counted(name) for name, one in kinds.items()))):
                found[name] = Waiting(int(count), since)
    return {name: found[name] for name in KINDS}


def tenants_of_cell(session: CellSession, cell: str) -> list[UUID]:
    """All tenants whose rows lie here, also those that have left."""
    return list(session.scalars(select(DirectoryRow.id).where(DirectoryRow.cell == cell).order_by(DirectoryRow.code)))


def items_of_tenant(session: Session, *, kind: str | None = None, most: int = SHOWN) -> list[Item]:
    """What waits in the session tenant, the oldest of each kind, or of one `kind`."""
    kinds = _of_tenant(session.clock.now())
    return _listed(session, kinds if kind is None else {kind: kinds[kind]}, most=most)


def counts_of_tenant(session: Session) -> dict[str, Waiting]:
    """How many of each kind wait in the session tenant."""
    kinds = _of_tenant(session.clock.now())
    counted = union_all(*(kind.counted(name).where(*kind.waits) for name, kind in kinds.items()))
    found = {name: Waiting(int(count), since) for name, count, since in session.execute(counted)}
    return {name: found[name] for name in kinds}


def standing_of(session: Session, aggregate: UUID) -> Item | None:
    """How far the session tenant has come with one thing, and what of it waits; None for one it never heard of."""
    row = session.get(ProgressRow, (session.context.tenant_id, aggregate), populate_existing=True)
    if row is None:
        return None
    kind = {PARKED: "parked", HELD: "held" if row.version else "phantom"}.get(row.status)
    return Item(
        kind, str(aggregate), row.waits_since or row.applied_at, row.kind, row.reason, aggregate, row.home_id,
        row.version, row.wanted_version,
    )  # fmt: skip


def items_of_cell(session: CellSession) -> list[Item]:
    """What waits in this cell and belongs to no tenant, the oldest of each kind."""
    return _listed(session, _of_cell())


def _listed(session: CellSession, kinds: Mapping[str, _Kind], *, most: int = SHOWN) -> list[Item]:
    return [Item(name, *row) for name, kind in kinds.items() for row in session.execute(kind.listed(most))]


class _Kind(NamedTuple):
    """What waits in one way: which rows, since when, and what is said of each, as in `Item`.

    `waits` says of a tenant's rows what policies say of those that the relay sees: `where` is asked among these.
    """

    subject: Any
    since: Any
    what: Any
    where: Sequence[ColumnElement[bool]]
    waits: Sequence[ColumnElement[bool]] = ()
    more: Sequence[Any] = ()
    """`said`, `thing`, `home`, `version` and `wanted`, as far as there are such."""

    def counted(self, name: str) -> Select[Any]:
        """How many, and the oldest: reads nothing but times."""
        oldest = select(literal(name), func.count(), func.min(self.since))
        return oldest.where(*self.where)

    def listed(self, most: int) -> Select[Any]:
        """The oldest themselves."""
        told = select(cast(self.subject, Text), self.since, cast(self.what, Text), *self.more)
        return told.where(*self.where, *self.waits).order_by(self.since, self.subject).limit(most)


def _of_tenant(now: datetime) -> dict[str, _Kind]:
    return {**_of_replication(now), **_of_outbox_and_timers(now), **_of_commands(now)}


def _of_replication(now: datetime) -> dict[str, _Kind]:
    row = ProgressRow
    since = func.coalesce(row.waits_since, row.applied_at)
    told = row.reason, row.aggregate_id, row.home_id, row.version, row.wanted_version
    late = row.status == HELD, row.waits_since < now - SOON
    # The pauses before the next head add up to this, until they stop growing.
    seconds = func.least(func.power(2, HeadRow.attempts + 2), 8192)
    quiet = HeadRow.next_at - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return {
        "parked": _Kind(row.aggregate_id, since, row.kind, [row.status == PARKED], more=told),
        "held": _Kind(row.aggregate_id, since, row.kind, [*late, row.version > 0], more=told),
        "phantom": _Kind(row.aggregate_id, since, row.kind, [*late, row.version == 0], more=told),
        "unconfirmed": _Kind(
            HeadRow.aggregate_id, quiet, HeadRow.kind, [HeadRow.attempts >= MANY_TIMES], [HeadRow.waiting != {}],
            [cast(HeadRow.waiting, Text), HeadRow.aggregate_id],
        ),
    }  # fmt: skip


def _of_outbox_and_timers(now: datetime) -> dict[str, _Kind]:
    row, timer = ReactionRow, TimerRow
    due = [timer.done_at.is_(None), timer.due_at < now - SOON]
    return {
        "unsent": _Kind(OutboxRow.id, OutboxRow.created_at, OutboxRow.topic, [OutboxRow.created_at < now - SOON]),
        "timer": _Kind(timer.aggregate_id, timer.due_at, timer.name, due, more=[timer.error, timer.aggregate_id]),
        "handler": _Kind(
            row.aggregate_id, row.created_at, row.handler, [row.created_at < now - SOON],
            more=[row.error, row.aggregate_id, literal(None, Uuid()), row.version],
        ),
        "key": _Kind(
            SigningKey.key, SigningKey.created_at, literal("not listed in the directory"),
            [SigningKey.created_at < now - SOON], [SigningKey.active_at.is_(None)],
        ),
    }  # fmt: skip


def _of_commands(now: datetime) -> dict[str, _Kind]:
    row = PendingCommand
    told, pending = (literal(None, Text()), row.aggregate_id, row.home_id), [row.state == PENDING]
    return {
        "pending": _Kind(
            row.id, row.sent_at, row.name, [row.expires_at > now, row.sent_at < now - SOON], pending, told
        ),
        "overdue": _Kind(row.id, row.sent_at, row.name, [row.expires_at <= now], pending, told),
    }


def _of_cell() -> dict[str, _Kind]:
    row = RejectRow
    said = row.reason + " (" + func.coalesce(cast(row.sender_id, Text), "?") + ")"
    place = row.topic + "/" + cast(row.partition, Text) + "/" + cast(row.offset, Text)
    return {
        "waits_for_key": _Kind(place, row.received_at, said, [row.waits_for.is_not(None)]),
        "rejected": _Kind(place, row.received_at, said, [row.waits_for.is_(None)]),
    }
