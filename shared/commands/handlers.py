"""What services make of events: handlers, declared beside the event class they listen to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_, update
from sqlalchemy.orm import Session as CellSession

from events.catalog import Change, parse
from events.entry import Entry, Position
from events.foreign import MALFORMED
from shared.core.log import logger
from shared.database.registers import RegisterEntry
from shared.database.rows import AGGREGATES
from shared.journal.reactions import HANDLERS, HEEDED, PLACES, TOGETHER, Handler, Place
from shared.journal.session import Session
from shared.journal.timers import TimerRow, schedule, timer
from shared.keys.directory import WORKING, DirectoryRow
from shared.keys.verification import VerifiedEntry

C = TypeVar("C", bound=Change)
DEFERRED = "shared.broadcast.react"
"""The timer that runs again, in one tenant, what could not be run there; its subject is the broadcast aggregate."""
SOON = timedelta(seconds=2)
SUSPENDED = timedelta(hours=1)
"""How often a tenant that does not work is looked at; reactivating it runs at once what waits (`react_now`)."""


@dataclass(frozen=True)
class ReceivedEvent(Generic[C]):
    """An event as a handler sees it: what happened, what is true now, and the signed entry."""

    change: C
    state: Mapping[str, Any]
    entry: Entry


Since = dict[UUID, Position]
"""Positions of aggregates from which on something is to be heard."""
BroadcastHandler = Callable[["Session", Sequence[ReceivedEvent[Any]]], None]
EVERYWHERE: dict[str, list[BroadcastHandler]] = {}
MOST_AT_ONCE = 200
"""Broadcast aggregates of which a tenant's handlers are told in one transaction."""


def handles(
    change: type[C], *, at: Place | None = None, heeds: str | None = None, together: bool = False
) -> Callable[[Handler], Handler]:
    """Run the function for every `change`, once in each tenant that has its entry, or in `at` home or parties alone.

    One that `heeds` a field runs where that is not None. One that takes in many `together` is given a sequence.

    It runs in that tenant's context after the entry and what it changed are committed, in a transaction of its own,
    and sees an aggregate's entries in order. It must not do anything outside the database. What it raises is tried
    again with growing pauses, and holds up this handler's later entries of the same aggregate, nothing else.
    """

    def register(function: Handler) -> Handler:
        HANDLERS.setdefault(change.type, []).append(function)
        if at is not None:
            PLACES[function] = at
        if heeds is not None:
            HEEDED[function] = heeds
        if together:
            TOGETHER.add(function)
        return function

    return register


def handles_everywhere(*changes: type[Change]) -> Callable[[BroadcastHandler], BroadcastHandler]:
    """Run the function for what is broadcast into a register: in every working tenant of this cell, party or not.

    It is given many at once, those of one aggregate in order, so that what concerns a tenant costs it the same few
    statements whatever their number. Each tenant has a transaction of its own. The entries are in the register,
    committed, before any of them runs, so a handler may read there what is true by now. It must make nothing twice:
    between that commit and the last tenant's turn the worker may end, nobody knows then who had a turn, and Kafka gives
    the records again. What fails with others is tried alone, then again by timer, and a suspended tenant has its turn
    when it is reactivated. Erasable texts are None.
    """

    def register(function: BroadcastHandler) -> BroadcastHandler:
        for change in changes:
            EVERYWHERE.setdefault(change.type, []).append(function)
        return function

    return register


def broadcasts_received(entries: Sequence[VerifiedEntry]) -> Since:
    """The broadcast aggregates of which somebody listens everywhere to what arrived, each from its earliest entry."""
    first: Since = {}
    for entry in (verified.entry for verified in entries):
        if entry.type in EVERYWHERE and _is_broadcast(entry):
            first[entry.aggregate] = min(first.get(entry.aggregate, entry.position), entry.position)
    return first


def _is_broadcast(entry: Entry) -> bool:
    kind = AGGREGATES.get(entry.aggregate_type)
    return kind is not None and kind.register is not None


def in_parts(since: Since) -> Iterator[Since]:
    """As many aggregates at a time as are heard in one transaction."""
    keys = sorted(since)
    for start in range(0, len(keys), MOST_AT_ONCE):
        yield {key: since[key] for key in keys[start : start + MOST_AT_ONCE]}


def broadcast_since(session: CellSession, since: Since) -> list[ReceivedEvent[Any]]:
    """What somebody listens to in the register, from these positions on: of one aggregate together and in order.

    To the newest, so that an old entry that comes again ends where the register stands.
    """
    row = RegisterEntry
    newer = or_(*(and_(row.id == key, tuple_(row.epoch, row.version) >= at) for key, at in since.items()))
    kept = session.scalars(select(row).where(newer).order_by(row.id, row.epoch, row.version))
    return [received for one in kept if (received := _received(one)) is not None]


def _received(row: RegisterEntry) -> ReceivedEvent[Any] | None:
    """None for what nobody listens to, and for what this code cannot read: it holds up nothing else."""
    try:
        entry = row.read()
        change = parse(entry.type, entry.change, texts={}) if entry.type in EVERYWHERE else None
    except MALFORMED as error:
        logger("reactions").error(
            "broadcast_unreadable", aggregate=str(row.id), version=row.version, reason=repr(error)
        )
        return None
    return None if change is None else ReceivedEvent(change, row.state, entry)


def react_everywhere(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """Run the session tenant's handlers of these; raises whatever a handler raises.

    What cannot run yet is deferred: the tenant does not work, or earlier entries of an aggregate wait.
    """
    if not _is_working(session):
        defer(session, received, pause=SUSPENDED)
        return
    waiting = _waiting(session, received)
    defer(session, [one for one in received if one.entry.aggregate in waiting])
    _run(session, [one for one in received if one.entry.aggregate not in waiting])


def defer(session: Session, received: Sequence[ReceivedEvent[Any]], *, pause: timedelta = SOON) -> None:
    """Have these and every later entry of their aggregates run by timer in the session tenant, until it succeeds."""
    waiting = _waiting(session, received)
    for key, entry in {one.entry.aggregate: one.entry for one in reversed(received)}.items():
        row = waiting.get(key)
        if row is None:
            due, since = session.clock.now() + pause, {"since": list(entry.position)}
            schedule(session, DEFERRED, aggregate=key, due_at=due, params=since)
        elif entry.position < tuple(row.params["since"]):
            row.params = {"since": list(entry.position)}


def react_now(session: Session) -> None:
    """Let what was deferred in the session tenant run at once: it works again."""
    waiting = TimerRow.name == DEFERRED, TimerRow.done_at.is_(None)
    session.execute(update(TimerRow).where(*waiting).values(retry_at=session.clock.now()))


@timer(DEFERRED)
def catch_up(session: Session, aggregate: UUID, params: Mapping[str, Any]) -> None:
    """Run what was deferred, from the entry it began with to the newest."""
    if _is_working(session):
        _run(session, broadcast_since(session, {aggregate: Position(*params["since"])}))
    else:
        schedule(session, DEFERRED, aggregate=aggregate, due_at=session.clock.now() + SUSPENDED, params=params)


def _is_working(session: Session) -> bool:
    # Read anew, not from the process's directory: a reactivation that this misses would not find what is deferred here.
    status = select(DirectoryRow.status).where(DirectoryRow.id == session.context.tenant_id)
    return session.scalar(status) in WORKING


def _waiting(session: Session, received: Sequence[ReceivedEvent[Any]]) -> dict[UUID, TimerRow]:
    # Under the timers' locks: when one is just running, what comes now waits until it has run.
    keys = {one.entry.aggregate for one in received}
    query = select(TimerRow).where(TimerRow.name == DEFERRED, TimerRow.aggregate_id.in_(keys))
    rows = session.scalars(query.order_by(TimerRow.aggregate_id).with_for_update()) if keys else ()
    return {row.aggregate_id: row for row in rows if row.done_at is None}


def _run(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """Each handler once, with all it listens to."""
    given: dict[BroadcastHandler, list[ReceivedEvent[Any]]] = {}
    for one in received:
        for handler in EVERYWHERE[one.entry.type]:
            given.setdefault(handler, []).append(one)
    for handler, listened in given.items():
        handler(session, listened)
