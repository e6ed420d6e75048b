"""At a register: whether this cell has everything that each home broadcast, and until when it had.

Every cell says once a second how much each of its homes has broadcast (a beat); manifests name the entries. What a beat
counts and no manifest named, or a manifest named and did not come, is asked for until it is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.broadcasts.cells import sent_at
from shared.broadcasts.holding import missing_of
from shared.broadcasts.manifests import MOST_LINES, Line
from shared.database.rows import AGGREGATES, Row
from shared.keys.directory import Directory

FRESH = timedelta(seconds=30)
"""How old the newest complete beat may be before an answer says until when things are known."""
QUIET = timedelta(seconds=2)
"""What a beat or a manifest names may still be on its way."""
MOST_MISSING = 4000
"""Entries of one home that may be missed at a time; until some are here, its next manifests wait."""
LARGEST_POSITION = 2**62


class KnownCell(Row):
    """When a cell last said how much its homes have broadcast: `said_at` for what is known here, None until it has.

    `heard_at` is when its newest beat was by its own clock; of one in parts, `part` is the last that came.
    `asks_at` is when it last asked to be told of all homes here.
    """

    __tablename__ = "heard_cells"
    __table_args__ = {"schema": "shared"}

    cell: Mapped[str] = mapped_column(primary_key=True)
    said_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    part_at: Mapped[datetime | None]
    part: Mapped[int | None]
    asks_at: Mapped[datetime | None]


class KnownHome(Row):
    """How far the manifests of a home are known here without a gap.

    `behind` as long as the newest beat counts more, or others, or nothing of this home; then `known_until` is the last
    beat of which all was known. `counted` is what the last beat that named it said. `last` is the newest entry that a
    manifest named, `kinds` what this code kept registers of when it read them, `ask_at` when home is asked next.
    """

    __tablename__ = "heard_homes"
    __table_args__ = {"schema": "shared"}

    home: Mapped[UUID] = mapped_column(primary_key=True)
    cell: Mapped[str]
    position: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[str]
    kinds: Mapped[str]
    told_at: Mapped[datetime]
    behind: Mapped[bool]
    known_until: Mapped[datetime | None]
    last: Mapped[dict[str, Any] | None]
    ask_at: Mapped[datetime | None]
    attempts: Mapped[int]
    counted: Mapped[int | None] = mapped_column(BigInteger)
    counted_chain: Mapped[str | None]


class Gap(Row):
    """An entry that a manifest named and that was not here then; it is missing until its entry is received.

    `known_until` is the last moment up to which everything of this home was known, `open` as long as it is asked for.
    """

    __tablename__ = "register_gaps"
    __table_args__ = (Index("ix_register_gaps_open", "home", postgresql_where="open"), {"schema": "shared"})

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    home: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    entry_hash: Mapped[str]
    heard_at: Mapped[datetime]
    known_until: Mapped[datetime | None]
    open: Mapped[bool]
    asked_at: Mapped[datetime | None]


class Lapse(Row):
    """A time that is over, during which nothing newer than `known_until` was known of a home or of all of a cell."""

    __tablename__ = "register_lapses"
    __table_args__ = {"schema": "shared"}

    source: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    known_until: Mapped[datetime | None]


def kinds_kept() -> str:
    """What this code keeps registers of; another code may keep more, and then reads the manifests again."""
    return " ".join(sorted(name for name, kind in AGGREGATES.items() if kind.register is not None))


def first_received(session: Session, home: UUID, *, cell: str, at: datetime) -> KnownHome:
    """Of a home that was not heard of before."""
    row = KnownHome(
        home=home, cell=cell, position=0, chain="", kinds=kinds_kept(), told_at=at, behind=False, known_until=None,
        last=None, ask_at=None, attempts=0, counted=None, counted_chain=None,
    )  # fmt: skip
    session.add(row)
    return row


def read_again(row: KnownHome) -> None:
    """Forget how far this home's manifests are known; what they name and is here will not be asked for."""
    row.position, row.chain, row.last, row.attempts, row.kinds = 0, "", None, 0, kinds_kept()


def note_lapse(session: Session, source: UUID, *, known_until: datetime | None, now: datetime) -> None:
    """Note that it is over; what is late all the time adds to the lapse before, in steps of what counts as fresh."""
    if known_until is None:
        lapse = {"source": source, "until": now, "known_until": None}
        session.execute(upsert(Lapse).values(lapse).on_conflict_do_nothing())
    elif now - known_until > FRESH:
        goes_on = Lapse.until >= known_until, Lapse.known_until >= known_until - FRESH
        before = select(Lapse).where(Lapse.source == source, *goes_on).order_by(Lapse.until.desc()).limit(1)
        lapse_before = session.scalars(before).one_or_none()
        if lapse_before is None:
            session.add(Lapse(source=source, until=now, known_until=known_until))
        else:
            lapse_before.until = max(lapse_before.until, now)


def record_manifest(
    session: Session, sender: str, *, document: Mapping[str, Any], directory: Directory, now: datetime
) -> None:
    """Note which entries there are, and which of them are not here. Raises ValueError, TypeError or KeyError."""
    home, first, previous = UUID(document["home"]), int(document["first"]), str(document["previous"])
    lines, at = [_line(given) for given in document["lines"][: MOST_LINES + 1]], min(sent_at(document), now)
    if not 1 <= len(lines) <= MOST_LINES or not 1 <= first <= LARGEST_POSITION:
        raise ValueError("not of the length that a manifest has")
    listing = directory.listing(session, home)
    if listing is None or listing.cell != sender:
        return
    row = session.get(KnownHome, home, with_for_update=True)
    until = _until(session, sender, row=row)
    if row is None:
        row = first_received(session, home, cell=sender, at=at)
    if not first <= row.position + 1 < first + len(lines) or _missing_now(session, home) >= MOST_MISSING:
        return
    chains = [previous]
    for line in lines:
        chains.append(line.after(chains[-1]))
    known = row.position + 1 - first
    if chains[known] == row.chain:
        _advance(session, row, lines=lines[known:], until=until, now=now)
        row.chain, row.told_at = chains[-1], max(row.told_at, at)
    elif at > row.told_at:
        read_again(row)


def _line(given: Sequence[Any]) -> Line:
    kind, aggregate, epoch, version, entry_hash = given
    line = Line(str(kind)[:100], UUID(aggregate), int(epoch), int(version), str(entry_hash)[:64])
    if not 1 <= line.epoch < 2**31 or not 1 <= line.version < 2**31 or "\0" in line.kind + line.hash:
        raise ValueError("a line is out of bounds")
    return line


def _until(session: Session, sender: str, *, row: KnownHome | None) -> datetime | None:
    """Up to when everything of a home was known before what is heard now."""
    if row is not None and row.behind:
        return row.known_until
    cell = session.get(KnownCell, sender)
    return None if cell is None else cell.said_at


def _missing_now(session: Session, home: UUID) -> int:
    missing = select(Gap.version).where(Gap.home == home, Gap.open).limit(MOST_MISSING)
    return len(session.scalars(missing).all())


def _advance(session: Session, row: KnownHome, *, lines: Sequence[Line], until: datetime | None, now: datetime) -> None:
    last, missing = lines[-1], missing_of(session, lines)
    row.position += len(lines)
    row.last = {"kind": last.kind, "aggregate": str(last.aggregate), "epoch": last.epoch, "version": last.version,
                "hash": last.hash}  # fmt: skip
    row.attempts = 0
    if row.behind:
        # There may be more: the next manifests are asked for without waiting.
        row.ask_at = now
    elif missing and row.ask_at is None:
        row.ask_at = now + QUIET
    values = [
        {
            "aggregate_id": line.aggregate, "home": row.home, "epoch": line.epoch, "version": line.version,
            "kind": line.kind, "entry_hash": line.hash, "heard_at": now, "known_until": until, "open": True,
            "asked_at": None,
        }
        for line in missing
    ]  # fmt: skip
    if values:
        statement = upsert(Gap)
        again = {name: statement.excluded[name] for name in ("kind", "entry_hash", "open")}
        keys = ["aggregate_id", "home", "epoch", "version"]
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=again), values)
