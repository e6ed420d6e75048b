"""Handlers run: after what they take in is committed, in transactions of their own, each entry once and in order.

What fails waits for its own turn again, and keeps neither the replica nor another handler.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from events.catalog import parse
from events.printing import printable
from shared.commands.handlers import ReceivedEvent
from shared.core.context import machine_context
from shared.core.log import logger
from shared.core.pauses import growing
from shared.journal.entries import JournalRow, read_entry, texts_of
from shared.journal.reactions import ReactionRow, Turn, handlers_named
from shared.journal.session import Database, Session

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(hours=1)
AT_ONCE = 100
"""Entries that a handler takes in of one aggregate in one transaction, and turns that are looked for at a time."""


def react(database: Database, tenant: UUID, *, turns: Sequence[Turn]) -> int:
    """Let handlers of the tenant take in what waits for them, together; after a failure each entry alone.

    Returns how many entries were taken in. Raises only where a failure cannot even be written down.
    """
    with suppress(Exception), database.session(machine_context(tenant, "worker")) as session:
        return sum(_take_in(session, turn, most=AT_ONCE) for turn in turns)
    return sum(_react_alone(database, tenant, turn=turn) for turn in turns)


def _react_alone(database: Database, tenant: UUID, *, turn: Turn) -> int:
    taken = 0
    try:
        while True:
            with database.session(machine_context(tenant, "worker")) as session:
                if not _take_in(session, turn, most=1):
                    return taken
            taken += 1
    except Exception as error:  # noqa: BLE001 - one handler must not stop the others, nor the replica
        logger("reactions").exception("handler_failed", handler=turn[0], aggregate=str(turn[1]), tenant=str(tenant))
        with database.session(machine_context(tenant, "worker")) as session:
            oldest = (
                select(ReactionRow).where(*_of(session, turn)).order_by(ReactionRow.epoch, ReactionRow.version).limit(1)
            )
            row = session.scalars(oldest.with_for_update()).one_or_none()
            if row is not None:
                row.attempts, row.error = row.attempts + 1, printable(repr(error))[:2000]
                row.retry_at = session.clock.now() + growing(row.attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    return taken


def _take_in(session: Session, turn: Turn, *, most: int) -> int:
    """Run the handler on the oldest entries that wait for it, in order, and forget them in the same transaction."""
    handler = handlers_named().get(turn[0])
    if handler is None or not _alone(session, turn):
        return 0
    waiting = select(ReactionRow, JournalRow).join(JournalRow, _SAME).where(*_of(session, turn))
    rows = session.execute(waiting.order_by(ReactionRow.epoch, ReactionRow.version).limit(most)).all()
    if not rows or rows[0][0].retry_at > session.clock.now():
        return 0
    for row, kept in rows:
        entry = read_entry(kept)
        change = parse(entry.type, entry.change, texts=texts_of(session, entry))
        session.delete(row)
        if change is not None:
            handler(session, ReceivedEvent(change, kept.state, entry))
    return len(rows)


_SAME = (
    (JournalRow.tenant_id == ReactionRow.tenant_id)
    & (JournalRow.aggregate_id == ReactionRow.aggregate_id)
    & (JournalRow.epoch == ReactionRow.epoch)
    & (JournalRow.version == ReactionRow.version)
)


def _of(session: Session, turn: Turn) -> tuple[ColumnElement[bool], ...]:
    mine = ReactionRow.tenant_id == session.context.tenant_id
    return mine, ReactionRow.handler == turn[0], ReactionRow.aggregate_id == turn[1]


def _alone(session: Session, turn: Turn) -> bool:
    """Whether nobody else runs this handler on this aggregate now: two at a time could break the order."""
    name = f"{session.context.tenant_id}/{turn[0]}/{turn[1]}"
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))))


def react_due(worker: Database, relay: Database) -> int:
    """Let handlers take in what is due in any tenant: what failed, and what a worker that ended left; returns how much.

    `relay` sees what is due.
    """
    row = ReactionRow
    first = select(row.tenant_id, row.handler, row.aggregate_id, row.retry_at)
    first = first.ext(distinct_on(row.tenant_id, row.handler, row.aggregate_id))
    oldest = first.order_by(row.tenant_id, row.handler, row.aggregate_id, row.epoch, row.version).subquery()
    due = select(oldest.c.tenant_id, oldest.c.handler, oldest.c.aggregate_id).where(
        oldest.c.retry_at <= worker.clock.now(), oldest.c.handler.in_(handlers_named())
    )
    with relay.cell_session() as session:
        found = session.execute(due.order_by(oldest.c.retry_at).limit(AT_ONCE)).all()
    return sum(
        react(worker, tenant, turns=[(handler, aggregate) for _tenant, handler, aggregate in turns])
        for tenant, turns in groupby(sorted(found, key=itemgetter(0)), key=itemgetter(0))
    )
