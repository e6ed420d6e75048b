"""Until when this cell knows all that a home broadcast: what an answer out of registers may be held to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, bindparam, func, null, select, tuple_, union_all
from sqlalchemy.orm import Session

from shared.broadcasts.cells import cell_id
from shared.broadcasts.completeness import FRESH, Gap, KnownCell, KnownHome, Lapse
from shared.broadcasts.horizon import BEGINNING, Horizon
from shared.database.prepared import Prepared, among
from shared.database.registers import RegisterEntry
from shared.keys.directory import Directory


class Thing(NamedTuple):
    """A broadcast aggregate, its home, and the moment at which it was known."""

    home: UUID
    aggregate: UUID
    moment: datetime


_Gap = tuple[datetime, datetime | None, datetime | None]
"""When a manifest named an entry that was not here, until when all was known before, when the entry came."""


@dataclass
class _Received:
    """When each cell was last heard, until when homes are known that are behind, gaps, and the lapses of the past."""

    cells: dict[str, datetime | None] = field(default_factory=dict)
    behind: dict[UUID, datetime | None] = field(default_factory=dict)
    gaps: dict[tuple[UUID, UUID], list[_Gap]] = field(default_factory=dict)
    lapses: dict[UUID, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session, things: Collection[Thing], *, cells: Mapping[UUID, str]) -> _Received:
        """Of these things, all but the lapses; `cells` are those of their homes."""
        found, keys = cls(), list({thing.aggregate for thing in things})
        given = {"homes": list(cells), "cells": list(set(cells.values())), "keys": keys}
        for cell, home, aggregate, at, known_until, received_at in received_of.rows(session, **given):
            if aggregate is not None:
                found.gaps.setdefault((home, aggregate), []).append((at, known_until, received_at))
                continue
            found.cells[cell] = at
            if home is not None:
                found.behind[home] = known_until
        return found

    def horizon(self, home: UUID, cell: str, *, moment: datetime) -> Horizon | None:
        """Of all things of a home, at a moment."""
        for source in (home, cell_id(cell)):
            for ended, known_until in self.lapses.get(source, ()):
                if (known_until is None or known_until + FRESH < moment) and moment < ended:
                    return Horizon(known_until, missing=source == home or known_until is None)
        is_behind = home in self.behind
        until = self.behind[home] if is_behind else self.cells.get(cell)
        if until is not None and moment - until <= FRESH:
            return None
        return Horizon(until, missing=is_behind or until is None)


def horizons(
    session: Session, directory: Directory, *, things: Collection[Thing], now: datetime
) -> dict[Thing, Horizon | None]:
    """Of each thing, where what was known of it then ends; None where it was up to date.

    One statement, and a second where the past is asked about, however many there are.
    """
    if not things:
        return {}
    listings = {home: directory.listing(session, home) for home in {thing.home for thing in things}}
    cells = {home: "" if listing is None else listing.cell for home, listing in listings.items()}
    received = _Received.read(session, things, cells=cells)
    if any(thing.moment < now for thing in things):
        sources = [*cells, *(cell_id(cell) for cell in set(cells.values()))]
        given = {"sources": sources, "since": min(thing.moment for thing in things)}
        for source, ended, known_until in lapses_since.rows(session, **given):
            received.lapses.setdefault(source, []).append((ended, known_until))
    longest = timedelta(seconds=directory.settings.silence_seconds)
    found: dict[Thing, Horizon | None] = {}
    for thing in things:
        moment = min(thing.moment, now)
        gaps_of_it = [
            until
            for heard_at, until, received_at in received.gaps.get((thing.home, thing.aggregate), ())
            if heard_at <= moment and (received_at is None or moment < received_at)
        ]
        horizon = received.horizon(thing.home, cells[thing.home], moment=moment)
        if gaps_of_it:
            horizon = Horizon(None if None in gaps_of_it else min(until for until in gaps_of_it if until), missing=True)
        elif horizon is not None and not horizon.missing and moment - horizon.since > longest:
            horizon = Horizon(horizon.until, missing=True)
        found[thing] = horizon
    return found


@Prepared
def received_of() -> Any:
    """What was received of these `homes`, `cells` and aggregates (`keys`), in rows of two kinds.

    When a cell was last heard, with each of the homes that is behind; gaps, which name their aggregate, with when the
    entry came.
    """
    kept = RegisterEntry
    cells = select(
        KnownCell.cell, KnownHome.home, null().label("aggregate"), KnownCell.said_at, KnownHome.known_until, null()
    )
    behind = (KnownHome.home == among("homes", Uuid())) & KnownHome.behind
    heard = cells.outerjoin(KnownHome, (KnownHome.cell == KnownCell.cell) & behind)
    same = tuple_(kept.id, kept.epoch, kept.version) == tuple_(Gap.aggregate_id, Gap.epoch, Gap.version)
    is_this = func.encode(func.sha256(kept.entry), "hex") == Gap.entry_hash
    gaps = select(null(), Gap.home, Gap.aggregate_id, Gap.heard_at, Gap.known_until, kept.received_at)
    return union_all(
        heard.where(KnownCell.cell == among("cells", Text())),
        gaps.outerjoin(kept, same & is_this).where(Gap.aggregate_id == among("keys", Uuid())),
    )


@Prepared
def lapses_since() -> Any:
    """Of these `sources`, that ended after `since`."""
    since = bindparam("since", type_=DateTime(timezone=True))
    told = select(Lapse.source, Lapse.until, Lapse.known_until)
    return told.where(Lapse.source == among("sources", Uuid()), Lapse.until > since)


@dataclass(frozen=True)
class KnownState:
    """How complete a home's part of the registers is here; `missing` entries are known to exist and are not here."""

    home: UUID
    cell: str
    position: int
    known_until: datetime | None
    up_to_date: bool
    missing: int


def known_states(session: Session, *, now: datetime, home: UUID | None = None) -> list[KnownState]:
    """Of every home that was heard of, or of one."""
    row = KnownHome
    gaps = select(
        Gap.home, func.count().label("missing"), func.min(func.coalesce(Gap.known_until, BEGINNING)).label("since")
    )
    open_gaps = gaps.where(Gap.open).group_by(Gap.home).subquery()
    told = select(row, KnownCell.said_at, open_gaps.c.missing, open_gaps.c.since)
    joined = told.outerjoin(KnownCell, KnownCell.cell == row.cell).outerjoin(open_gaps, open_gaps.c.home == row.home)
    found = session.execute(joined.where(row.home == home) if home else joined.order_by(row.home))
    made = []
    for known, said_at, missing, since in found:
        until = known.known_until if known.behind else said_at
        until = until if until is None or since is None else min(until, since)
        fresh = until is not None and not missing and now - until <= FRESH
        made.append(KnownState(known.home, known.cell, known.position, until, fresh, missing or 0))
    return made


def complete_until(session: Session, home: UUID, *, now: datetime) -> datetime | None:
    """The last beat up to which all that a home broadcast is here; None where there is none."""
    return next((one.known_until for one in known_states(session, now=now, home=home)), None)
