"""What does not flow: one view of everything in a cell that waits, since when, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.orm import Session as CellSession

from shared.commands.forwarding import PENDING, PendingCommand
from shared.core.context import PLATFORM, machine_context
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

    def __add__(self, other: Waiting) -> Waiting:
        known = [since for since in (self.since, other.since) if since is not None]
        return Waiting(self.count + other.count, min(known, default=None))


@dataclass(frozen=True)
class Item:
    """One thing that waits: its id, since when and why."""

    kind: str
    subject: str
    since: datetime
    reason: str


def what_waits(database: Database) -> dict[str, Waiting]:
    """Every kind with its count and oldest, over all tenants of this cell; `database` is of the worker's role."""
    of_each = _counts(_of_tenant(database.clock.now()))
    with database.cell_session() as session:
        found = _counted(session, _counts(_of_cell()))
        tenants = tenants_of_cell(session, database.settings.cell)
        tenants += database.directory.hosted(session, [PLATFORM])
    for tenant in tenants:
        with database.session(machine_context(tenant, "waiting")) as session:
            for name, waiting in _counted(session, of_each).items():
                found[name] = found.get(name, Waiting(0, None)) + waiting
    return {name: found.get(name, Waiting(0, None)) for name in KINDS}


def tenants_of_cell(session: CellSession, cell: str) -> list[UUID]:
    """All tenants whose rows lie here, also those that have left."""
    return list(session.scalars(select(DirectoryRow.id).where(DirectoryRow.cell == cell).order_by(DirectoryRow.code)))


def items_of_tenant(session: Session) -> list[Item]:
    """What waits in the session tenant, the oldest of each kind."""
    return _listed(session, _of_tenant(session.clock.now()))


def items_of_cell(session: CellSession) -> list[Item]:
    """What waits in this cell and belongs to no tenant, the oldest of each kind."""
    return _listed(session, _of_cell())


def _counts(queries: Mapping[str, Select[Any]]) -> CompoundSelect[Any]:
    """One statement for all kinds, made once for all tenants."""
    named = {name: query.subquery() for name, query in queries.items()}
    return union_all(
        *(select(literal(name), func.count(), func.min(rows.c.since)).select_from(rows) for name, rows in named.items())
    )


def _counted(session: CellSession, counts: CompoundSelect[Any]) -> dict[str, Waiting]:
    return {name: Waiting(int(count), since) for name, count, since in session.execute(counts)}


def _listed(session: CellSession, queries: Mapping[str, Select[Any]]) -> list[Item]:
    found = []
    for name, query in queries.items():
        rows = query.subquery()
        oldest = select(rows).order_by(rows.c.since).limit(SHOWN)
        found += [Item(name, row.subject, row.since, row.reason or "") for row in session.execute(oldest)]
    return found


def _query(subject: Any, since: Any, *, reason: Any) -> Select[Any]:
    return select(cast(subject, Text).label("subject"), since.label("since"), cast(reason, Text).label("reason"))


def _of_tenant(now: datetime) -> dict[str, Select[Any]]:
    return {**_of_replication(now), **_of_outbox_and_timers(now), **_of_commands(now)}


def _of_replication(now: datetime) -> dict[str, Select[Any]]:
    row = ProgressRow
    progress = _query(
        row.aggregate_id, func.coalesce(row.waits_since, row.applied_at), reason=row.kind + ": " + row.reason
    )
    # The pauses before the next head add up to this, until they stop growing.
    seconds = func.least(func.power(2, HeadRow.attempts + 2), 8192)
    since = HeadRow.next_at - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    heads = _query(HeadRow.aggregate_id, since, reason=HeadRow.kind + ": " + cast(HeadRow.waiting, Text))
    return {
        "parked": progress.where(row.status == PARKED),
        "held": progress.where(row.status == HELD, row.version > 0, row.waits_since < now - SOON),
        "phantom": progress.where(row.status == HELD, row.version == 0, row.waits_since < now - SOON),
        "unconfirmed": heads.where(HeadRow.waiting != {}, HeadRow.attempts >= MANY_TIMES),
    }


def _of_outbox_and_timers(now: datetime) -> dict[str, Select[Any]]:
    unsent = _query(OutboxRow.id, OutboxRow.created_at, reason=OutboxRow.topic)
    named = TimerRow.name + ": " + func.coalesce(TimerRow.error, "-")
    timers = _query(TimerRow.aggregate_id, TimerRow.due_at, reason=named)
    row = ReactionRow
    handlers = _query(row.aggregate_id, row.created_at, reason=row.handler + ": " + func.coalesce(row.error, "-"))
    keys = _query(SigningKey.key, SigningKey.created_at, reason=literal("not listed in the directory"))
    return {
        "unsent": unsent.where(OutboxRow.sent_at.is_(None), OutboxRow.created_at < now - SOON),
        "timer": timers.where(TimerRow.done_at.is_(None), TimerRow.due_at < now - SOON),
        "handler": handlers.where(row.created_at < now - SOON),
        "key": keys.where(SigningKey.active_at.is_(None), SigningKey.created_at < now - SOON),
    }


def _of_commands(now: datetime) -> dict[str, Select[Any]]:
    row = PendingCommand
    sent = _query(row.id, row.sent_at, reason=row.name + " → " + cast(row.home_id, Text)).where(row.state == PENDING)
    return {
        "pending": sent.where(row.expires_at > now, row.sent_at < now - SOON),
        "overdue": sent.where(row.expires_at <= now),
    }


def _of_cell() -> dict[str, Select[Any]]:
    row = RejectRow
    said = row.reason + " (" + func.coalesce(cast(row.sender_id, Text), "?") + ")"
    place = row.topic + "/" + cast(row.partition, Text) + "/" + cast(row.offset, Text)
    rejects = _query(place, row.received_at, reason=said)
    return {
        "waits_for_key": rejects.where(row.waits_for.is_not(None)),
        "rejected": rejects.where(row.waits_for.is_(None)),
    }
