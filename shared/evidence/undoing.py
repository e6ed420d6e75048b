"""What a thing was before an act that turns out to be a mistake: the one way to undo, from the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, tuple_

from events.canonical import Json
from events.catalog import Change
from shared.database.rows import Aggregate
from shared.journal.entries import JournalRow
from shared.journal.session import Session


def state_before(
    session: Session, row: Aggregate, *, acts: Sequence[type[Change]], undone_by: type[Change] | None = None
) -> Mapping[str, Json]:
    """The state document before the last of these acts that `undone_by` has not undone yet.

    From the newest back, each correction stands for the next older act; without `undone_by` it is the newest act.
    Raises LookupError where no act is left.
    """
    corrections = () if undone_by is None else (undone_by,)
    position = JournalRow.epoch, JournalRow.version
    mine = JournalRow.aggregate_id == row.id
    newest_first = JournalRow.epoch.desc(), JournalRow.version.desc()
    types = JournalRow.type.in_([act.type for act in (*acts, *corrections)])
    undone = 0
    for epoch, version, name in session.execute(
        select(*position, JournalRow.type).where(mine, types).order_by(*newest_first)
    ):
        if any(name == correction.type for correction in corrections):
            undone += 1
        elif undone:
            undone -= 1
        else:
            earlier = select(JournalRow.state).where(mine, tuple_(*position) < (epoch, version))
            state: Mapping[str, Json] = session.scalars(earlier.order_by(*newest_first).limit(1)).one()
            return state
    raise LookupError(f"no act of {row.id} is left to undo")
