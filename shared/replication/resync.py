"""Resync: a tenant that misses versions of an aggregate asks home for them, and home tells again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_

from events.envelope import Envelope, MalformedMessageError
from shared.core.errors import UnavailableError
from shared.core.log import logger
from shared.core.pauses import growing
from shared.database.rows import AGGREGATES
from shared.journal.entries import JournalRow, entry_envelope, read_entry, texts_of
from shared.journal.outbox import Message, enqueue
from shared.journal.progress import HELD, ProgressRow
from shared.journal.sending import send
from shared.journal.session import Session
from shared.keys.documents import position
from shared.replication.progress import HeldRow

ASK_AGAIN = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MOST_PHANTOMS = 1000
"""Aggregates per home of which a tenant has heard and has nothing; home says it again until it is confirmed."""
MOST_ASKS = 10
"""How often (in three quarters of an hour) home is asked for an aggregate of which nothing ever comes."""
MOST_RESENT = 200
"""Entries sent again per request; the party asks for the next ones when it has applied these."""


def ask_for_missing(session: Session, rows: Iterable[ProgressRow]) -> None:
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


def due_asks(session: Session) -> Sequence[ProgressRow]:
    """What is to be asked for now, the longest due first; what was asked for in vain too often is forgotten."""
    mine = ProgressRow.tenant_id == session.context.tenant_id, ProgressRow.status == HELD
    now = or_(ProgressRow.ask_at.is_(None), ProgressRow.ask_at <= session.clock.now())
    due = select(ProgressRow).where(*mine, now).order_by(ProgressRow.ask_at.nulls_first()).limit(100)
    rows = session.scalars(due.with_for_update(skip_locked=True)).all()
    phantoms = [row for row in rows if row.version == 0 and row.asks >= MOST_ASKS]
    for row in phantoms:
        session.execute(delete(HeldRow).where(HeldRow.aggregate_id == row.aggregate_id))
        session.delete(row)
    if phantoms:
        logger("resync").warning("phantoms_forgotten", tenant=str(session.context.tenant_id), count=len(phantoms),
                                 home=str(phantoms[0].home_id), aggregate=str(phantoms[0].aggregate_id))  # fmt: skip
    return [row for row in rows if row not in phantoms]


def may_wait_for_more(session: Session, home: UUID) -> int:
    """How many more aggregates of which nothing is here yet this home may make the session tenant wait for."""
    mine = ProgressRow.tenant_id == session.context.tenant_id, ProgressRow.status == HELD
    phantoms = select(ProgressRow.aggregate_id).where(*mine, ProgressRow.version == 0, ProgressRow.home_id == home)
    known = session.scalar(select(func.count()).select_from(phantoms.limit(MOST_PHANTOMS).subquery()))
    return MOST_PHANTOMS - int(known or 0)


def _ask(session: Session, row: ProgressRow) -> None:
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

    Returns how many. An aggregate that is not of this home, or never listed the asker, yields none.
    """
    document = envelope.document
    aggregate, known = UUID(document["aggregate"]), position(document)
    kind = AGGREGATES.get(str(document["kind"]))
    if kind is None:
        raise MalformedMessageError(f"no such kind here: {document['kind'][:100]!r}")
    # The row's lock keeps the repeated entries in order with a change that is being written now.
    row = session.get(kind, (session.context.tenant_id, aggregate), with_for_update=True)
    if row is None or row.home_id != session.context.tenant_id:
        return 0
    after = select(JournalRow).where(
        JournalRow.aggregate_id == aggregate, tuple_(JournalRow.epoch, JournalRow.version) > known
    )
    resent = 0
    for item in session.scalars(after.order_by(JournalRow.epoch, JournalRow.version).limit(MOST_RESENT)):
        resent += _resend(session, asker, item=item)
    return resent


def _resend(session: Session, asker: UUID, *, item: JournalRow) -> int:
    entry = read_entry(item)
    if asker not in entry.audience:
        return 0
    texts = texts_of(session, entry)
    envelope = entry_envelope(entry, item.signature, state=item.state, texts=texts, session=session)
    enqueue(session, Message(envelope, session.directory.cells(session, [asker]), item.kind, entry.aggregate))
    return 1
