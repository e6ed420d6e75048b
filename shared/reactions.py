"""What services make of events: handlers, declared beside the event class they listen to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select, tuple_, update

from events.catalog import Change, Texts, parse
from events.entry import Entry
from shared.directory import WORKING, DirectoryRow, RegisterEntry
from shared.intake import Arrival
from shared.model import AGGREGATES
from shared.timers import TimerRow, schedule, timer

if TYPE_CHECKING:
    from shared.db import Session

C = TypeVar("C", bound=Change)
PUT_OFF = "shared.broadcast.react"
"""The timer that runs again, in one tenant, what could not be run there; its subject is the broadcast aggregate."""
SOON = timedelta(seconds=2)
SUSPENDED = timedelta(hours=1)
"""How often a tenant that does not work is looked at; reactivating it runs at once what waits (`react_now`)."""


@dataclass(frozen=True)
class Happened(Generic[C]):
    """An event as a handler sees it: what happened, what is true now, and the signed entry."""

    change: C
    state: Mapping[str, Any]
    entry: Entry


Handler = Callable[["Session", Happened[Any]], None]
HANDLERS: dict[str, list[Handler]] = {}
EVERYWHERE: dict[str, list[Handler]] = {}


def handles(change: type[C], *, everywhere: bool = False) -> Callable[[Handler], Handler]:
    """Run the function for every `change`, once per tenant here that is a party, in the worker's transaction.

    It runs in that tenant's context and must not do anything outside the database.

    `everywhere` is for what is broadcast into a register: it runs in every working tenant of this cell, party or not,
    each in a transaction of its own. The entry is in the register, committed, before any of them runs, so a handler
    may read there what is true by now. It must make nothing twice: between that commit and the last tenant's turn the
    worker may end, nobody knows then who had a turn, and Kafka gives the record again. Where it fails it is tried
    again by timer, and a suspended tenant has its turn when it is reactivated. Erasable texts are None.
    """
    listening = EVERYWHERE if everywhere else HANDLERS

    def register(function: Handler) -> Handler:
        listening.setdefault(change.type, []).append(function)
        return function

    return register


def react(session: Session, arrival: Arrival) -> None:
    """Run the handlers of one entry; a type this code does not know has none."""
    entry = arrival.entry
    _run(session, HANDLERS.get(entry.type, ()), entry=entry, state=arrival.state, texts=arrival.texts)


def _run(
    session: Session, handlers: Sequence[Handler], *, entry: Entry, state: Mapping[str, Any], texts: Texts
) -> None:
    change = parse(entry.type, entry.change, texts=texts) if handlers else None
    if change is None:
        return
    context = session.context
    for handler in handlers:
        try:
            handler(session, Happened(change, state, entry))
        finally:
            # A handler may act in the name of whoever decided; what runs after it does not.
            session.context = context


def heard_everywhere(arrivals: Sequence[Arrival]) -> list[Entry]:
    """The broadcast entries that somebody listens to everywhere: the earliest of each aggregate."""
    first: dict[UUID, Entry] = {}
    for entry in (arrival.entry for arrival in arrivals):
        if entry.type in EVERYWHERE and _is_broadcast(entry):
            known = first.setdefault(entry.aggregate, entry)
            first[entry.aggregate] = min(known, entry, key=lambda item: item.position)
    return list(first.values())


def _is_broadcast(entry: Entry) -> bool:
    kind = AGGREGATES.get(entry.aggregate_type)
    return kind is not None and kind.register is not None


def react_everywhere(session: Session, entry: Entry) -> None:
    """Run the session tenant's handlers from this entry to the newest in the register, in order.

    To the newest, so that an old entry that comes again ends where the register stands. What cannot run yet is put
    off: the tenant does not work, or earlier entries of this aggregate wait. Raises whatever a handler raises.
    """
    if not _is_working(session):
        put_off(session, entry, pause=SUSPENDED)
    elif _waiting(session, entry.aggregate) is not None:
        put_off(session, entry)
    else:
        _run_from(session, entry.aggregate, since=entry.position)


def put_off(session: Session, entry: Entry, *, pause: timedelta = SOON) -> None:
    """Have this and every later entry of its aggregate run by timer in the session tenant, again until it succeeds."""
    row = _waiting(session, entry.aggregate)
    if row is None:
        due, since = session.clock.now() + pause, {"since": list(entry.position)}
        schedule(session, PUT_OFF, aggregate=entry.aggregate, due_at=due, params=since)
    elif entry.position < tuple(row.params["since"]):
        row.params = {"since": list(entry.position)}


def react_now(session: Session) -> None:
    """Let what was put off in the session tenant run at once: it works again."""
    waiting = TimerRow.name == PUT_OFF, TimerRow.done_at.is_(None)
    session.execute(update(TimerRow).where(*waiting).values(retry_at=session.clock.now()))


@timer(PUT_OFF)
def catch_up(session: Session, aggregate: UUID, params: Mapping[str, Any]) -> None:
    """Run what was put off, from the entry it began with to the newest."""
    if _is_working(session):
        _run_from(session, aggregate, since=tuple(params["since"]))
    else:
        schedule(session, PUT_OFF, aggregate=aggregate, due_at=session.clock.now() + SUSPENDED, params=params)


def _is_working(session: Session) -> bool:
    # Read anew, not from the process's directory: a reactivation that this misses would not find what is put off here.
    status = select(DirectoryRow.status).where(DirectoryRow.id == session.context.tenant_id)
    return session.scalar(status) in WORKING


def _waiting(session: Session, aggregate: UUID) -> TimerRow | None:
    # Under the timer's lock: when it is just running, what comes now waits until it has run.
    row = session.get(TimerRow, (session.context.tenant_id, PUT_OFF, aggregate), with_for_update=True)
    return None if row is None or row.done_at is not None else row


def _run_from(session: Session, aggregate: UUID, *, since: tuple[int, ...]) -> None:
    position = tuple_(RegisterEntry.epoch, RegisterEntry.version)
    kept = select(RegisterEntry).where(RegisterEntry.id == aggregate, position >= since)
    for row in session.scalars(kept.order_by(RegisterEntry.epoch, RegisterEntry.version)).all():
        entry = row.read()
        _run(session, EVERYWHERE.get(entry.type, ()), entry=entry, state=row.state, texts={})
