"""Resync: a tenant that misses versions of an aggregate asks home for them, and home tells again.

One whose rows were lost, or restored from before, asks every home for all of it; each tells it in steps of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, delete, func, or_, select, tuple_

from events.canonical import digest
from events.envelope import Envelope, MalformedMessageError
from shared.core.errors import UnavailableError
from shared.core.log import logger
from shared.core.pauses import growing
from shared.database.rows import AGGREGATES
from shared.journal.entries import JournalRow, texts_of
from shared.journal.outbox import Message, OutboxRow, enqueue
from shared.journal.progress import HELD, READ, Progress, ProgressRow, write_progress
from shared.journal.sending import send
from shared.journal.session import Session
from shared.journal.timers import TimerRow, schedule, timer
from shared.keys.directory import WORKING, DirectoryRow
from shared.keys.documents import position
from shared.replication.progress import HeldRow, locked_progress

ASK_AGAIN = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MOST_PHANTOMS = 1000
"""Aggregates per home of which a tenant has heard and has nothing; home says it again until it is confirmed."""
MOST_ASKS = 10
"""How often (in three quarters of an hour) home is asked for an aggregate of which nothing ever comes."""
MOST_RESENT = 200
"""Entries sent again per request; the party asks for the next ones when it has applied these."""
LANE = "tenants"
"""The service on whose topic the wish for all travels."""
TELL = "shared.replication.tell"
STEP = 1_000
"""Entries of its journal that home looks through in one transaction while it tells somebody all."""
MOST_UNSENT = 20_000
"""Messages of home that wait for the relay, above which it tells no more until they have left."""
PATIENCE = timedelta(seconds=1)
AGAIN = timedelta(hours=1)
"""How soon a home that has told somebody all may be asked for it once more."""
FIRST = ("00000000-0000-0000-0000-000000000000", 0, 0)
TOLD = (
    JournalRow.aggregate_id,
    JournalRow.epoch,
    JournalRow.version,
    JournalRow.entry,
    JournalRow.signature,
    JournalRow.state,
)
"""What of a journal's row is needed to send it again."""


def ask_for_missing(session: Session, rows: Iterable[Progress]) -> None:
    """Ask home for what `rows` miss, each with growing pauses (5 s to 1 h); a tenant without a key cannot ask yet."""
    now = session.clock.now()
    for row in rows:
        if (
            row.status == HELD
            and (row.ask_at is None or row.ask_at <= now)
            and (row.asked_at is None or row.asked_at <= now - ASK_AGAIN)
        ):
            row.asks += 1
            row.asked_at, row.ask_at = now, now + growing(row.asks, first=ASK_AGAIN, longest=LONGEST_PAUSE)
            _ask(session, row)


def ask_again(session: Session) -> None:
    """Ask for what is to be asked for now, the longest due first; forget what was asked for in vain too often."""
    due = ProgressRow.status == HELD, or_(ProgressRow.ask_at.is_(None), ProgressRow.ask_at <= session.clock.now())
    query = READ.where(*due).order_by(ProgressRow.ask_at.nulls_first()).limit(100)
    rows = locked_progress(session, query, skip=True)
    phantoms = [row for row in rows.values() if row.version == 0 and row.asks >= MOST_ASKS]
    if phantoms:
        forgotten = [rows.pop(row.aggregate_id).aggregate_id for row in phantoms]
        for kept in (HeldRow, ProgressRow):
            mine = kept.tenant_id == session.context.tenant_id, kept.aggregate_id.in_(forgotten)
            session.execute(delete(kept).where(*mine))
        logger("resync").warning("phantoms_forgotten", tenant=str(session.context.tenant_id), count=len(phantoms),
                                 home=str(phantoms[0].home_id), aggregate=str(phantoms[0].aggregate_id))  # fmt: skip
    ask_for_missing(session, rows.values())
    write_progress(session, rows.values())


def may_wait_for_more(session: Session, home: UUID) -> int:
    """How many more aggregates of which nothing is here yet this home may make the session tenant wait for."""
    mine = ProgressRow.tenant_id == session.context.tenant_id, ProgressRow.status == HELD
    phantoms = select(ProgressRow.aggregate_id).where(*mine, ProgressRow.version == 0, ProgressRow.home_id == home)
    known = session.scalar(select(func.count()).select_from(phantoms.limit(MOST_PHANTOMS).subquery()))
    return MOST_PHANTOMS - int(known or 0)


def _ask(session: Session, row: Progress) -> None:
    content = {
        "to": str(row.home_id),
        "aggregate": str(row.aggregate_id),
        "kind": row.kind,
        "epoch": row.epoch,
        "version": row.version,
    }
    with suppress(UnavailableError):
        send(session, "resync", content=content, about=row.kind, key=row.aggregate_id)


def resend(session: Session, asker: UUID, *, envelope: Envelope) -> int:
    """At home: send `asker` the entries after the version it names, as far as they were meant for it.

    Returns how many. An aggregate that is not of this home, or never listed the asker, yields none; so does the wish
    for all, which a timer fulfils.
    """
    document = envelope.document
    if document.get("all") is True:
        _begin_telling_all(session, asker)
        return 0
    aggregate, known = UUID(document["aggregate"]), position(document)
    kind = AGGREGATES.get(str(document["kind"]))
    if kind is None:
        raise MalformedMessageError(f"no such kind here: {document['kind'][:100]!r}")
    # The row's lock keeps the repeated entries in order with a change that is being written now.
    row = session.get(kind, (session.context.tenant_id, aggregate), with_for_update=True)
    if row is None or row.home_id != session.context.tenant_id:
        return 0
    mine = JournalRow.tenant_id == session.context.tenant_id, JournalRow.aggregate_id == aggregate
    after = select(*TOLD).where(*mine, tuple_(JournalRow.epoch, JournalRow.version) > known)
    items = session.execute(after.order_by(JournalRow.epoch, JournalRow.version).limit(MOST_RESENT)).all()
    return tell(session, asker, items=items)


def tell(session: Session, asker: UUID, *, items: Sequence[Row[Any]]) -> int:
    """At home: send `asker` these rows of the journal (`TOLD`), as far as they were meant for it; returns how many.

    What home signed itself is neither proven nor made anew, and all of it is written with one statement.
    """
    home, wanted = session.context.tenant_id, str(asker)
    read = [(item, orjson.loads(item.entry)) for item in items if wanted.encode() in item.entry]
    meant = [
        (item, one) for item, one in read if one["home"] == str(home) and wanted in (*one["parties"], *one["left"])
    ]
    if not meant:
        return 0
    cells, hints = session.directory.cells(session, [asker]), session.context
    named = texts_of(session, [(item.aggregate_id, document["change"]) for item, document in meant])
    messages = [
        Message(
            Envelope(
                kind="entry", document=document, signature=item.signature, source=home, type=document["type"],
                subject=document["aggregate"], time=document["occurred_at"], state=item.state, texts=texts,
                trace=hints.trace, correlation=hints.correlation, hash=digest(item.entry),
            ), cells, document["aggregate_type"], item.aggregate_id,
        )
        for (item, document), texts in zip(meant, named, strict=True)
    ]  # fmt: skip
    enqueue(session, *messages)
    return len(meant)


def ask_for_all(session: Session) -> int:
    """Ask every working tenant for all that it ever told the session's; returns how many were asked.

    What is known here already is passed over when it comes, so it costs time and changes nothing.
    """
    here = session.context.tenant_id
    others = select(DirectoryRow.id).where(DirectoryRow.status.in_(WORKING), DirectoryRow.id != here)
    homes = session.scalars(others.order_by(DirectoryRow.id)).all()
    for home in homes:
        send(session, "resync", content={"to": str(home), "kind": LANE, "all": True}, about=LANE, key=here)
    return len(homes)


def _begin_telling_all(session: Session, asker: UUID) -> None:
    """Once at a time, and not again soon: whoever asks more often makes home work no more."""
    row = session.get(TimerRow, (session.context.tenant_id, TELL, asker), with_for_update=True)
    now = session.clock.now()
    if row is None or (row.done_at is not None and row.done_at <= now - AGAIN):
        schedule(session, TELL, aggregate=asker, due_at=now, params={"after": list(FIRST)})


@timer(TELL, low_priority=True)
def tell_all(session: Session, asker: UUID, params: Mapping[str, Any]) -> None:
    """Look through the next entries of the journal, send what was meant for the asker, and go on from there.

    The journal's order is that of each aggregate's versions. What is published meanwhile goes out by itself.
    """
    key, mine = (JournalRow.aggregate_id, JournalRow.epoch, JournalRow.version), session.context.tenant_id
    if session.directory.listing(session, asker) is None:
        return
    waiting = select(OutboxRow.id).where(OutboxRow.tenant_id == mine).limit(MOST_UNSENT)
    if len(session.scalars(waiting).all()) == MOST_UNSENT:
        schedule(session, TELL, aggregate=asker, due_at=session.clock.now() + PATIENCE, params=params)
        return
    aggregate, epoch, version = params["after"]
    after = select(*TOLD).where(JournalRow.tenant_id == mine, tuple_(*key) > (UUID(aggregate), epoch, version))
    items = session.execute(after.order_by(*key).limit(STEP)).all()
    tell(session, asker, items=items)
    if len(items) == STEP:
        last = items[-1]
        reached = [str(last.aggregate_id), last.epoch, last.version]
        schedule(session, TELL, aggregate=asker, due_at=session.clock.now(), params={"after": reached})
