"""Rejected messages: kept for the operator, bounded; what waits for a key is taken again once the key is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from events.envelope import MalformedMessageError, decode
from events.printing import printable
from shared.core.log import Seldom, logger
from shared.core.metrics import REJECTED
from shared.core.pauses import growing
from shared.journal.session import Database
from shared.keys.directory import KeyUnknownError
from shared.messaging.rejects_bounded import KEY, too_much
from shared.replication.progress import RejectRow


class Record(NamedTuple):
    """What the worker needs of a Kafka record."""

    topic: str
    partition: int
    offset: int
    value: bytes | None


KEPT = timedelta(days=7)
"""As long as Kafka itself keeps messages: what comes later comes by a resync."""
KEPT_BYTES = 16_384
"""Of a message that waits for nothing; one that waits is kept whole."""
PRUNED_AFTER = 500
"""So many new ones are not left to the next round."""
AT_ONCE = 100
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Rejects:
    """What one worker rejects and takes again."""

    database: Database
    _since_pruned: int = 0
    _warnings: Seldom = field(default_factory=lambda: Seldom(logger("worker")))

    def keep(self, record: Record, error: Exception) -> None:
        """Write the message down with its reason; one that waits for a key is tried again by `retry`."""
        reason = printable(f"{type(error).__name__}: {error}")
        self._warnings.warning(
            "message_rejected", (record.topic, type(error)), topic=record.topic, offset=record.offset, reason=reason
        )
        REJECTED.labels(record.topic).inc()
        with self.database.cell_session() as session:
            session.execute(_kept(record, error, reason=reason, now=self.database.clock.now()))
        self._since_pruned += 1
        if self._since_pruned >= PRUNED_AFTER:
            self.prune()

    def retry(self, handle: Callable[[Iterable[Record]], Iterable[Record]]) -> int:
        """Take again what waited for keys that are known now, the senders by turns; returns how many were taken.

        What waits for a key that is still unknown is not even looked at: it delays nobody.
        """
        with self.database.cell_session() as session:
            now = self.database.clock.now()
            waiting = RejectRow.waits_for.is_not(None), RejectRow.retry_at <= now
            wanted = session.scalars(select(RejectRow.waits_for).where(*waiting).distinct())
            known = self.database.directory.knows(session, filter(None, wanted))
            rows = list(session.scalars(_due(known, now=now))) if known else []
        if not rows:
            return 0
        still = {_key(record) for record in handle(Record(*_key(row), row.value) for row in rows)}
        taken = tuple_(*KEY).in_([_key(row) for row in rows if _key(row) not in still])
        with self.database.cell_session() as session:
            # One that was rejected for good meanwhile waits for nothing and stays for the operator.
            session.execute(delete(RejectRow).where(taken, RejectRow.waits_for.is_not(None)))
        return len(rows) - len(still)

    def prune(self) -> None:
        """Drop what is old and what is too much, of each sender its oldest first, of all senders the loudest first."""
        self._since_pruned = 0
        with self.database.cell_session() as session:
            session.execute(delete(RejectRow).where(RejectRow.received_at < self.database.clock.now() - KEPT))
            session.execute(delete(RejectRow).where(tuple_(*KEY).in_(too_much())))


def _key(row: Record | RejectRow) -> tuple[str, int, int]:
    return row.topic, row.partition, row.offset


def _kept(record: Record, error: Exception, *, reason: str, now: Any) -> Any:
    waits = printable(str(error))[:200] if isinstance(error, KeyUnknownError) else None
    value = record.value or b""
    values = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "reason": reason[:2000],
        "value": value if waits else value[:KEPT_BYTES],
        "received_at": now,
        "sender_id": _claimed(record.value),
        "waits_for": waits,
        "attempts": 0,
        "retry_at": now,
    }
    statement = upsert(RejectRow).values(values)
    attempts = RejectRow.attempts + 1
    pause = case(
        *((RejectRow.attempts < many, growing(many, first=FIRST_PAUSE, longest=LONGEST_PAUSE)) for many in range(1, 7)),
        else_=LONGEST_PAUSE,
    )
    given = {name: statement.excluded[name] for name in ("reason", "value", "waits_for")}
    return statement.on_conflict_do_update(
        index_elements=["topic", "partition", "offset"],
        set_={**given, "attempts": attempts, "retry_at": statement.excluded.retry_at + pause},
    )


def _claimed(value: bytes | None) -> UUID | None:
    """Who says to have sent this: proven is nothing, but whoever lies here waits with those it names."""
    try:
        return decode(value).source
    except MalformedMessageError:
        return None


def _due(known: Collection[str], *, now: Any) -> Select[RejectRow]:
    turn = func.row_number().over(partition_by=RejectRow.sender_id, order_by=RejectRow.received_at).label("turn")
    waiting = select(*KEY, turn).where(RejectRow.waits_for.in_(known), RejectRow.retry_at <= now).subquery()
    same = (
        (RejectRow.topic == waiting.c.topic)
        & (RejectRow.partition == waiting.c.partition)
        & (RejectRow.offset == waiting.c.offset)
    )
    ordered = select(RejectRow).join(waiting, same).order_by(waiting.c.turn, RejectRow.received_at)
    return ordered.limit(AT_ONCE)
