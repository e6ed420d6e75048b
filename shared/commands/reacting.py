"""Handlers run: after what they take in is committed, in transactions of their own, each entry once and in order.

What fails waits for its own turn again, and keeps neither the replica nor another handler.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from events.catalog import parse
from events.printing import printable
from shared.commands.handlers import ReceivedEvent
from shared.core.context import machine_context
from shared.core.log import logger
from shared.core.pauses import growing
from shared.journal.entries import JournalRow, read_entry, texts_kept
from shared.journal.reactions import TOGETHER, ReactionRow, Turn, handlers_named
from shared.journal.session import Database, Session

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(hours=1)
AT_ONCE = 2_000
"""Entries that are taken in in one transaction, and turns that are looked for at a time: a step of an import."""


def react(database: Database, tenant: UUID, *, turns: Sequence[Turn]) -> int:
    """Let handlers of the tenant take in what waits for them, together; after a failure each entry alone.

    Returns how many entries were taken in. Raises only where a failure cannot even be written down.
    """
    with suppress(Exception), database.session(machine_context(tenant, "worker")) as session:
        return _take_in(session, turns, most=AT_ONCE)
    return sum(_react_alone(database, tenant, turn=turn) for turn in turns)


def _react_alone(database: Database, tenant: UUID, *, turn: Turn) -> int:
    taken = 0
    try:
        while True:
            with database.session(machine_context(tenant, "worker")) as session:
                if not _take_in(session, [turn], most=1):
                    return taken
            taken += 1
    except Exception as error:  # noqa: BLE001 - one handler must not stop the others, nor the replica
        logger("reactions").exception("handler_failed", handler=turn[0], aggregate=str(turn[1]), tenant=str(tenant))
        with database.session(machine_context(tenant, "worker")) as session:
            oldest = (
                select(ReactionRow)
                .where(*_of(session, [turn]))
                .order_by(ReactionRow.epoch, ReactionRow.version)
                .limit(1)
            )
            row = session.scalars(oldest.with_for_update()).one_or_none()
            if row is not None:
                row.attempts, row.error = row.attempts + 1, printable(repr(error))[:2000]
                row.retry_at = session.clock.now() + growing(row.attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    return taken


def _take_in(session: Session, turns: Sequence[Turn], *, most: int) -> int:
    """Run handlers on the oldest entries that wait for them, in order, and forget those in the same transaction."""
    handlers, row = handlers_named(), ReactionRow
    mine = _alone(session, [turn for turn in turns if turn[0] in handlers])
    if not mine:
        return 0
    waiting = select(*_KEY, row.retry_at, JournalRow.entry, JournalRow.state).join(JournalRow, _SAME)
    found: dict[Turn, list[Any]] = {turn: [] for turn in mine}
    for one in session.execute(waiting.where(*_of(session, mine)).order_by(row.epoch, row.version).limit(most)):
        found[one.handler, one.aggregate_id].append(one)
    due = [rows for rows in found.values() if rows and rows[0].retry_at <= session.clock.now()]
    texts = texts_kept(session, {rows[0].aggregate_id for rows in due})
    taken = [one for rows in due for one in rows]
    received: dict[str, list[ReceivedEvent[Any]]] = {}
    for one in taken:
        entry = read_entry(one)
        change = parse(entry.type, entry.change, texts=texts)
        if change is not None:
            received.setdefault(one.handler, []).append(ReceivedEvent(change, one.state, entry))
    for name, events in received.items():
        run: Any = handlers[name]
        for given in [events] if run in TOGETHER else events:
            run(session, given)
    if taken:
        keys = [one[: len(_KEY)] for one in taken]
        session.execute(delete(row).where(row.tenant_id == session.context.tenant_id, _among(_KEY, keys)))
    return len(taken)


_KEY: tuple[InstrumentedAttribute[Any], ...] = (
    ReactionRow.handler,
    ReactionRow.aggregate_id,
    ReactionRow.epoch,
    ReactionRow.version,
)
_SAME = (
    (JournalRow.tenant_id == ReactionRow.tenant_id)
    & (JournalRow.aggregate_id == ReactionRow.aggregate_id)
    & (JournalRow.epoch == ReactionRow.epoch)
    & (JournalRow.version == ReactionRow.version)
)


def _of(session: Session, turns: Sequence[Turn]) -> tuple[ColumnElement[bool], ...]:
    return ReactionRow.tenant_id == session.context.tenant_id, _among(_KEY[:2], turns)


def _among(columns: Sequence[InstrumentedAttribute[Any]], rows: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    """Whether these columns are one of `rows`, which travel as an array per column: the statement stays the same."""
    given = [
        literal(list(values), ARRAY(one.type)) for one, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    named = [f"column_{place}" for place in range(len(columns))]
    return tuple_(*columns).in_(select(*func.unnest(*given).table_valued(*named).render_derived().c))


def _alone(session: Session, turns: Sequence[Turn]) -> list[Turn]:
    """Those that nobody else takes now: two who run a handler on one aggregate at a time could break the order."""
    named = {f"{session.context.tenant_id}/{handler}/{aggregate}": (handler, aggregate) for handler, aggregate in turns}
    name = func.unnest(cast(list(named), ARRAY(Text))).column_valued("name")
    locked = select(name, func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)).label("locked"))
    free = {one.name for one in session.execute(locked) if one.locked}
    return [turn for text, turn in named.items() if text in free]


def react_due(worker: Database, relay: Database) -> int:
    """Let handlers take in what is due in any tenant: what failed, and what a worker that ended left; returns how much.

    `relay` sees what is due. What has been due for a moment only is left to the worker that is just bringing it: two at
    once would wait for each other.
    """
    row = ReactionRow
    first = select(row.tenant_id, row.handler, row.aggregate_id, row.retry_at)
    first = first.ext(distinct_on(row.tenant_id, row.handler, row.aggregate_id))
    oldest = first.order_by(row.tenant_id, row.handler, row.aggregate_id, row.epoch, row.version).subquery()
    due = select(oldest.c.tenant_id, oldest.c.handler, oldest.c.aggregate_id).where(
        oldest.c.retry_at <= worker.clock.now() - FIRST_PAUSE, oldest.c.handler.in_(handlers_named())
    )
    with relay.cell_session() as session:
        found = session.execute(due.order_by(oldest.c.retry_at).limit(AT_ONCE)).all()
    return sum(
        react(worker, tenant, turns=[(handler, aggregate) for _tenant, handler, aggregate in turns])
        for tenant, turns in groupby(sorted(found, key=itemgetter(0)), key=itemgetter(0))
    )
