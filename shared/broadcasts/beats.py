"""At a register: a cell has said how much its homes have broadcast.

A beat names the homes that have broadcast since a beat before, so that it costs as much as has happened; now and then
it names all of them. What it says holds for whoever heard the beat from which on it counts; whoever did not asks for
one that names all, and believes none until it is here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared.broadcasts.cells import cell_id, sent_at
from shared.broadcasts.completeness import (
    LARGEST_POSITION,
    QUIET,
    KnownCell,
    KnownHome,
    first_received,
    note_lapse,
    read_again,
)
from shared.keys.directory import Directory

Count = tuple[int, str]
"""How many entries a home has broadcast, and the hash over them."""


NOTHING = (None, None)
MOST_PARTS, LONGEST_HASH = 1000, 64


class _Beat(NamedTuple):
    """When it was said, from when on it counts (None: it names all), which part of how many, and of which homes.

    `counted` is None of a home that could not be counted. A part that names all is about ids from `first` to `behind`.
    """

    said_at: datetime
    since: datetime | None
    part: int
    parts: int
    counted: Mapping[UUID, Count | None]
    first: UUID | None
    behind: UUID | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> _Beat:
        """Raises ValueError, TypeError or KeyError for what has another form."""
        counted = {UUID(key): None if value is None else _count(value) for key, value in document["homes"].items()}
        part, parts = map(int, document["part"])
        if not 1 <= part <= parts <= MOST_PARTS:
            raise ValueError("a beat has no such part")
        since = None if document["since"] is None else sent_at({"at": document["since"]})
        first, behind = (None if text is None else UUID(text) for text in document["ids"])
        return cls(sent_at(document), since, part, parts, counted, first, behind)

    def follows(self, cell: KnownCell) -> bool:
        """Whether all before it was heard that it counts on."""
        whole = self.part == 1 or (cell.part_at == self.said_at and cell.part == self.part - 1)
        return whole and (self.since is None or (cell.heard_at is not None and self.since <= cell.heard_at))

    def is_about(self, home: UUID) -> bool:
        """Whether it says how much this home has broadcast, be it by not naming it."""
        if self.since is not None:
            return home in self.counted
        return (self.first is None or self.first <= home) and (self.behind is None or home < self.behind)


def _count(value: Any) -> Count:
    position, chain = int(value[0]), str(value[1])
    if not 0 <= position <= LARGEST_POSITION or len(chain) > LONGEST_HASH or "\0" in chain:
        raise ValueError("a count is out of bounds")
    return position, chain


class _Heard(NamedTuple):
    """When it counts, when the one before did, and when it came."""

    at: datetime
    before: datetime | None
    now: datetime


def record_beat(
    session: Session, sender: str, *, document: Mapping[str, Any], directory: Directory, now: datetime
) -> bool:
    """Compare what `sender` counts of its homes with what is known here; older beats than the newest say nothing.

    Returns False where it counts on a beat that has not come: then `sender` is to be asked for all its homes.
    """
    beat = _Beat.read(document)
    cell = session.get(KnownCell, sender, with_for_update=True)
    if cell is None:
        cell = KnownCell(cell=sender)
        session.add(cell)
    heard = _Heard(min(beat.said_at, now), cell.said_at, now)
    if heard.before is not None and heard.at <= heard.before:
        return True
    if not beat.follows(cell):
        return False
    for row in _touched(session, sender, beat=beat, directory=directory, at=heard.at):
        if beat.is_about(row.home):
            row.counted, row.counted_chain = beat.counted.get(row.home) or NOTHING
        if row.counted is None and row.home not in beat.counted and row.told_at > heard.at:
            # Its first manifest overtook this.
            continue
        _compare(session, row, heard=heard)
    cell.part_at, cell.part = beat.said_at, beat.part
    if beat.part == beat.parts:
        note_lapse(session, cell_id(sender), known_until=heard.before, now=now)
        cell.said_at, cell.heard_at = heard.at, beat.said_at
    return True


def note_question(session: Session, asker: str, *, now: datetime) -> None:
    """A cell asks to be told of all homes here: the next beat to it names them (`Beats`)."""
    statement = upsert(KnownCell).values(cell=asker, asks_at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["cell"], set_={"asks_at": now}))


def _touched(session: Session, sender: str, *, beat: _Beat, directory: Directory, at: datetime) -> Iterator[KnownHome]:
    """Homes of which it says something new, and those that were not in step with what was said before."""
    row = KnownHome
    named = select(row.home, row.counted, row.counted_chain).where(row.cell == sender)
    if beat.since is not None:
        named = named.where(row.home.in_(beat.counted))
    known = {home: (count, chain) for home, count, chain in session.execute(named)}
    changed = [
        home for home, count in known.items() if beat.is_about(home) and count != (beat.counted.get(home) or NOTHING)
    ]
    of_sender = select(row).where(row.cell == sender).order_by(row.home)
    out_of_step = or_(row.behind, row.position.is_distinct_from(row.counted))
    yield from session.scalars(of_sender.where(or_(out_of_step, row.home.in_(changed))).with_for_update())
    for home, listing in directory.listings(session, beat.counted.keys() - known.keys()).items():
        # No cell speaks for what lives elsewhere.
        if listing.cell == sender:
            yield first_received(session, home, cell=sender, at=at)


def _compare(session: Session, row: KnownHome, *, heard: _Heard) -> None:
    position, chain = (LARGEST_POSITION, "") if row.counted is None else (row.counted, row.counted_chain)
    newer = row.position > position and row.told_at > heard.at
    complete = newer or (row.position, row.chain) == (position, chain)
    if not newer and (row.position > position or (row.position == position and row.chain != chain)):
        # Home has another past than it told before, as after a restore: it is read anew from its beginning.
        read_again(row)
    if complete and row.behind:
        note_lapse(session, row.home, known_until=row.known_until, now=heard.now)
        row.behind, row.known_until = False, None
    elif not complete and not row.behind:
        row.behind, row.known_until, row.ask_at = True, heard.before, heard.now + QUIET
