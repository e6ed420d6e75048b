"""Erasing free text about people (PIPL, article 47): here at once, at every other party by a signed request.

What was signed stays: entries name texts by salted hash, so journals verify with and without them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from events.envelope import Envelope
from shared.commands.forwarding import forget_texts
from shared.core.errors import NotFoundError
from shared.database.answers import forget_answers
from shared.evidence.audit import note
from shared.journal.entries import JournalRow, TextRow, read_entry
from shared.journal.sending import send
from shared.journal.session import Session
from shared.replication.progress import HeldRow
from shared.rules.acts import TEXT_ERASED

MOST = 100


def erase_texts(session: Session, aggregate: UUID, *, digests: Sequence[str]) -> int:
    """Erase these texts of an aggregate; returns how many were here. Home tells all who had them, a party asks home.

    Raises `NotFoundError` for an aggregate this tenant has no journal of.
    """
    rows = session.scalars(select(JournalRow).where(JournalRow.aggregate_id == aggregate)).all()
    if not rows:
        raise NotFoundError.of("事项 / thing", aggregate)
    erased = _erase_here(session, aggregate, digests=digests)
    entries = [read_entry(row) for row in rows]
    home, here = entries[0].home, session.context.tenant_id
    audience = {tenant for entry in entries for tenant in entry.audience} if home == here else {home}
    for tenant in sorted(audience - {here}):
        content = {
            "to": str(tenant),
            "aggregate": str(aggregate),
            "kind": rows[0].kind,
            "digests": sorted(set(digests)),
        }
        send(session, "erasure", content=content, about=rows[0].kind, key=aggregate)
    return erased


def erase_as_asked(session: Session, sender: UUID, *, envelope: Envelope) -> None:
    """A party asks home, or home tells a party: erase; anybody else is not listened to."""
    document = envelope.document
    aggregate = UUID(document["aggregate"])
    digests = [str(digest) for digest in document["digests"]][:MOST]
    row = session.scalars(select(JournalRow).where(JournalRow.aggregate_id == aggregate).limit(1)).first()
    if row is None:
        return
    entry, here = read_entry(row), session.context.tenant_id
    if sender == entry.home:
        erased = _erase_here(session, aggregate, digests=digests)
    elif entry.home == here and sender in _audience(session, aggregate):
        erased = erase_texts(session, aggregate, digests=digests)
    else:
        return
    note(session, TEXT_ERASED, subject=str(aggregate), after={"erased": erased, "asked_by": str(sender)})


def _audience(session: Session, aggregate: UUID) -> set[UUID]:
    rows = session.scalars(select(JournalRow).where(JournalRow.aggregate_id == aggregate))
    return {tenant for row in rows for tenant in read_entry(row).audience}


def _erase_here(session: Session, aggregate: UUID, *, digests: Collection[str]) -> int:
    mine = TextRow.aggregate_id == aggregate, TextRow.digest.in_(digests)
    texts = session.scalars(delete(TextRow).where(*mine).returning(TextRow.text)).all()
    # Held messages carry texts too; they are asked for again, and come without what is erased at home.
    session.execute(delete(HeldRow).where(HeldRow.aggregate_id == aggregate))
    forget_texts(session, aggregate, digests=digests)
    # An answer that is kept for retries may show the text.
    forget_answers(session, texts)
    return len(texts)
