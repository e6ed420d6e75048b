"""Corrections: what a thing would be without an act that was a mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_

from events.canonical import Json
from events.catalog import Change
from services.standards.domain.spells import mended
from shared.database.rows import Aggregate, state_of
from shared.journal.entries import JournalRow
from shared.journal.session import Session

Acts = Sequence[type[Change]]
NEWEST_FIRST = JournalRow.epoch.desc(), JournalRow.version.desc()


def before_last(session: Session, row: Aggregate, *, acts: Acts, undone_by: type[Change]) -> Mapping[str, Json]:
    """The state document before the last of these acts that no correction has undone yet.

    Out of the journal, for a back-dated act overwrote spells that have to come back.
    """
    mine = JournalRow.aggregate_id == row.id
    found = _last(session, row.id, acts=acts, undone_by=undone_by)
    if found is not None:
        before = tuple_(JournalRow.epoch, JournalRow.version) < found
        earlier = select(JournalRow.state).where(mine, before).order_by(*NEWEST_FIRST).limit(1)
        state: Mapping[str, Json] | None = session.scalars(earlier).one_or_none()
        if state is not None:
            return state
    known = state_of(row)
    spells = known["spells"]
    return {**known, "spells": mended(mended(spells) if spells[-1]["state"] == "expired" else spells)}


def _last(session: Session, key: UUID, *, acts: Acts, undone_by: type[Change]) -> tuple[int, int] | None:
    """Epoch and version: from the newest back, each correction stands for the next older act."""
    types = JournalRow.type.in_([act.type for act in (*acts, undone_by)])
    query = select(JournalRow.epoch, JournalRow.version, JournalRow.type).where(JournalRow.aggregate_id == key, types)
    undone = 0
    for epoch, version, name in session.execute(query.order_by(*NEWEST_FIRST)):
        if name == undone_by.type:
            undone += 1
        elif undone == 0:
            return epoch, version
        else:
            undone -= 1
    return None
