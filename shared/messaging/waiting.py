"""What does not flow: one view of everything in a cell that waits, since when, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.orm import Session as CellSession

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
    """One thing that waits: its id, since when and why."""

    kind: str
    subject: str
    since: datetime
    reason: str


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


def items_of_tenant(session: Session) -> list[Item]:
    """What waits in the session tenant, the oldest of each kind."""
    return _listed(session, _of_tenant(session.clock.now()))


def items_of_cell(session: CellSession) -> list[Item]:
    """What waits in this cell and belongs to no tenant, the oldest of each kind."""
    return _listed(session, _of_cell())


def _listed(session: CellSession, kinds: Mapping[str, _Kind]) -> list[Item]:
    found = []
    for name, kind in kinds.items():
        found += [Item(name, row.subject, row.since, row.reason or "") for row in session.execute(kind.listed())]
    return found


class _Kind(NamedTuple):
    """What waits in one way: which rows, since when, and what is said of each.

    `waits` says of a tenant's rows what policies say of those that the relay sees: `where` is asked among these.
    """

    subject: Any
    since: Any
    reason: Any
    where: Sequence[ColumnElement[bool]]
    waits: Sequence[ColumnElement[bool]] = ()

    def counted(self, name: str) -> Select[Any]:
        """How many, and the oldest: reads nothing but times."""
        oldest = select(literal(name), func.count(), func.min(self.since))
        return oldest.where(*self.where)

    def listed(self) -> Select[Any]:
        """The oldest themselves."""
        shown = cast(self.subject, Text).label("subject"), self.since.label("since"), cast(self.reason, Text)
        told = select(*shown[:2], shown[2].label("reason")).where(*self.where, *self.waits)
        return told.order_by(self.since).limit(SHOWN)


def _of_tenant(now: datetime) -> dict[str, _Kind]:
    return {**_of_replication(now), **_of_outbox_and_timers(now), **_of_commands(now)}


def _of_replication(now: datetime) -> dict[str, _Kind]:
    row = ProgressRow
    since, told = func.coalesce(row.waits_since, row.applied_at), row.kind + ": " + row.reason
    late = row.status == HELD, row.waits_since < now - SOON
    # The pauses before the next head add up to this, until they stop growing.
    seconds = func.least(func.power(2, HeadRow.attempts + 2), 8192)
    quiet = HeadRow.next_at - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    heads = HeadRow.kind + ": " + cast(HeadRow.waiting, Text)
    return {
        "parked": _Kind(row.aggregate_id, since, told, [row.status == PARKED]),
        "held": _Kind(row.aggregate_id, since, told, [*late, row.version > 0]),
        "phantom": _Kind(row.aggregate_id, since, told, [*late, row.version == 0]),
        "unconfirmed": _Kind(
            HeadRow.aggregate_id, quiet, heads, [HeadRow.attempts >= MANY_TIMES], [HeadRow.waiting != {}]
        ),
    }


def _of_outbox_and_timers(now: datetime) -> dict[str, _Kind]:
    named = TimerRow.name + ": " + func.coalesce(TimerRow.error, "-")
    row = ReactionRow
    failed = row.handler + ": " + func.coalesce(row.error, "-")
    return {
        "unsent": _Kind(OutboxRow.id, OutboxRow.created_at, OutboxRow.topic, [OutboxRow.created_at < now - SOON]),
        "timer": _Kind(
            TimerRow.aggregate_id, TimerRow.due_at, named, [TimerRow.done_at.is_(None), TimerRow.due_at < now - SOON]
        ),
        "handler": _Kind(row.aggregate_id, row.created_at, failed, [row.created_at < now - SOON]),
        "key": _Kind(
            SigningKey.key, SigningKey.created_at, literal("not listed in the directory"),
            [SigningKey.created_at < now - SOON], [SigningKey.active_at.is_(None)],
        ),
    }  # fmt: skip


def _of_commands(now: datetime) -> dict[str, _Kind]:
    row = PendingCommand
    said, pending = row.name + " → " + cast(row.home_id, Text), [row.state == PENDING]
    return {
        "pending": _Kind(row.id, row.sent_at, said, [row.expires_at > now, row.sent_at < now - SOON], pending),
        "overdue": _Kind(row.id, row.sent_at, said, [row.expires_at <= now], pending),
    }


def _of_cell() -> dict[str, _Kind]:
    row = RejectRow
    said = row.reason + " (" + func.coalesce(cast(row.sender_id, Text), "?") + ")"
    place = row.topic + "/" + cast(row.partition, Text) + "/" + cast(row.offset, Text)
    return {
        "waits_for_key": _Kind(place, row.received_at, said, [row.waits_for.is_not(None)]),
        "rejected": _Kind(place, row.received_at, said, [row.waits_for.is_(None)]),
    }
