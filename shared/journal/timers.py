"""Durable timers: deadlines are rows written with what they concern, and run exactly once in the tenant's context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, select, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from shared.core.context import Context, machine_context
from shared.core.log import logger
from shared.database.rows import TenantRow, table_of
from shared.journal.session import Database, Session

Action = Callable[["Session", UUID, Mapping[str, Any]], None]
TIMERS: dict[str, Action] = {}
LOW_PRIORITY: set[str] = set()
"""Names of timers that take long and are in no hurry."""
Began = Callable[["Session", UUID], str]
BEGAN: dict[str, Began] = {}
"""By the name of a timer that goes on with what a person began: who that was, as `actor_id`."""
BATCH = 100


class TimerRow(TenantRow):
    """What is to happen to `aggregate_id` at `due_at`; `retry_at` moves on when it failed."""

    __tablename__ = "timers"
    __table_args__ = (
        Index("ix_timers_due", "retry_at", postgresql_where="done_at IS NULL"),
        {"schema": "shared"},
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    attempts: Mapped[int]
    params: Mapped[dict[str, Any]]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]


def _set() -> Insert:
    table = table_of(TimerRow)
    statement = upsert(table)
    keys = ["tenant_id", "name", "aggregate_id"]
    changed = {item.name: statement.excluded[item.name] for item in table.columns if item.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


SET = _set()


def timer(name: str, *, low_priority: bool = False, began: Began | None = None) -> Callable[[Action], Action]:
    """Register what runs when a timer called `name` is due; a `low_priority` one only while no other is.

    It runs as the machine, or in the name of who `began(session, aggregate)`.
    """

    def register(action: Action) -> Action:
        if TIMERS.setdefault(name, action) is not action:
            raise ValueError(f"two timers are called {name}")
        if low_priority:
            LOW_PRIORITY.add(name)
        if began is not None:
            BEGAN[name] = began
        return action

    return register


def schedule(
    session: Session, name: str, *, aggregate: UUID, due_at: datetime | None, params: Mapping[str, Json] | None = None
) -> None:
    """Set the timer, in this transaction; setting it again moves it, and None unsets it."""
    if due_at is None:
        cancel(session, name, aggregate=aggregate)
    else:
        schedule_all(session, name, due={aggregate: due_at}, params=params)


def schedule_all(
    session: Session, name: str, *, due: Mapping[UUID, datetime], params: Mapping[str, Json] | None = None
) -> None:
    """The same for many aggregates, each with its time, in one statement."""
    if name not in TIMERS:
        raise LookupError(f"no timer is called {name}")
    fixed = {
        "tenant_id": session.context.tenant_id,
        "name": name,
        "attempts": 0,
        "params": dict(params or {}),
        "done_at": None,
        "error": None,
    }
    session.write(SET, [{**fixed, "aggregate_id": key, "due_at": at, "retry_at": at} for key, at in due.items()])


def cancel(session: Session, name: str, *, aggregate: UUID) -> None:
    """Unset the timer, if it is set."""
    same = TimerRow.name == name, TimerRow.aggregate_id == aggregate, TimerRow.done_at.is_(None)
    session.execute(update(TimerRow).where(*same).values(done_at=session.clock.now()))


def run_due(worker: Database, relay: Database) -> int:
    """Run what is due now, each in a transaction of its own; returns how many ran. `relay` sees which are due.

    Of those with low priority one, and only if nothing else ran, so that whoever calls again looks at the others first.
    """
    query = select(TimerRow.tenant_id, TimerRow.name, TimerRow.aggregate_id)
    query = query.where(TimerRow.done_at.is_(None), TimerRow.retry_at <= worker.clock.now())
    with relay.cell_session() as session:
        urgent_first = TimerRow.name.in_(LOW_PRIORITY), TimerRow.retry_at
        found = session.execute(query.order_by(*urgent_first).limit(BATCH)).all()
    due = {low: [row for row in found if (row.name in LOW_PRIORITY) == low] for low in (False, True)}
    ran = sum(_run_one(worker, tenant, key=(name, aggregate)) for tenant, name, aggregate in due[False])
    return ran or int(any(_run_one(worker, tenant, key=(name, aggregate)) for tenant, name, aggregate in due[True]))


def _run_one(worker: Database, tenant: UUID, *, key: tuple[str, UUID]) -> bool:
    try:
        with worker.session(_context(worker, tenant, key=key)) as session:
            row = session.get(TimerRow, (tenant, *key), with_for_update={"skip_locked": True})
            # Another worker may have run or moved it between the look and the lock.
            if row is None or row.done_at is not None or row.retry_at > session.clock.now():
                return False
            # Done before it runs, so that an action may set its own timer again.
            row.done_at, row.error = session.clock.now(), None
            session.flush()
            TIMERS[row.name](session, row.aggregate_id, row.params)
    except Exception as error:  # noqa: BLE001 - one timer must not stop the others
        logger("timers").exception("timer_failed", timer=key[0], aggregate=str(key[1]), tenant=str(tenant))
        _defer(worker, tenant, key=key, error=error)
        return False
    return True


def _context(worker: Database, tenant: UUID, *, key: tuple[str, UUID]) -> Context:
    context, (name, aggregate) = machine_context(tenant, "timer"), key
    if name not in BEGAN:
        return context
    with worker.session(context) as session:
        return replace(context, actor_id=BEGAN[name](session, aggregate))


def _defer(worker: Database, tenant: UUID, *, key: tuple[str, UUID], error: Exception) -> None:
    with worker.session(machine_context(tenant, "timer")) as session:
        row = session.get(TimerRow, (tenant, *key), with_for_update=True)
        if row is not None and row.done_at is None:
            row.attempts += 1
            pause = timedelta(seconds=min(2**row.attempts, 3600))
            row.retry_at, row.error = session.clock.now() + pause, repr(error)[:2000]
