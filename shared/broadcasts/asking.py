"""Asking homes for what registers here miss: until it is here, with growing pauses while nothing comes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, tuple_

from shared.broadcasts.cells import send_to_cell
from shared.broadcasts.completeness import MOST_MISSING, QUIET, Gap, KnownHome, Lapse, kinds_kept, read_again
from shared.broadcasts.holding import missing_of
from shared.broadcasts.manifests import MOST_RESENT, Line
from shared.core.pauses import growing
from shared.database.registers import RegisterEntry
from shared.journal.session import Session

LONGEST_PAUSE = timedelta(minutes=10)
MOST_HOMES = 100
PASSING = timedelta(seconds=1)
"""A gap that lasted no longer is not remembered: its entry was only overtaken by the manifest."""
REMEMBERED = timedelta(days=400)
"""How long it stays known what was not known: as long as checks are kept."""


def ask_homes(session: Session) -> int:
    """Close what has come, ask for what has not; returns how many homes were asked."""
    now = session.clock.now()
    _settle(session, now)
    due = select(KnownHome).where(KnownHome.ask_at <= now).order_by(KnownHome.ask_at).limit(MOST_HOMES)
    return sum(_ask(session, row, now=now) for row in session.scalars(due.with_for_update(skip_locked=True)))


def _settle(session: Session, now: datetime) -> None:
    # Homes before gaps, as whoever hears a manifest locks them.
    with_gaps = select(Gap.home).where(Gap.open).distinct()
    homes = select(KnownHome).where(KnownHome.home.in_(with_gaps)).order_by(KnownHome.home)
    for row in session.scalars(homes.with_for_update(skip_locked=True)):
        gaps = session.scalars(select(Gap).where(Gap.home == row.home, Gap.open)).all()
        missing = {
            line[1:4]
            for line in missing_of(
                session, [Line(gap.kind, gap.aggregate_id, gap.epoch, gap.version, gap.entry_hash) for gap in gaps]
            )
        }
        closed = [gap for gap in gaps if (gap.aggregate_id, gap.epoch, gap.version) not in missing]
        for gap in closed:
            gap.open = False
        if closed:
            row.attempts, row.ask_at = 0, now


def _ask(session: Session, row: KnownHome, *, now: datetime) -> int:
    mine = Gap.home == row.home, Gap.open
    waiting = session.scalars(select(Gap).where(*mine)).all()
    wanted = _wanted(waiting, now=now)
    after = row.position if row.behind and len(waiting) < MOST_MISSING else None
    if after is None and not wanted:
        row.ask_at = now + QUIET if waiting else None
        return 0
    for gap in wanted:
        gap.asked_at = now
    row.attempts += 1
    row.ask_at = now + growing(row.attempts + 1, first=QUIET, longest=LONGEST_PAUSE)
    entries = [[str(gap.aggregate_id), gap.epoch, gap.version] for gap in wanted]
    content = {"home": str(row.home), "after": after, "entries": entries}
    send_to_cell(session, "ask", to=row.cell, content=content, key=row.home)
    return 1


def _wanted(waiting: Iterable[Gap], *, now: datetime) -> list[Gap]:
    """What was not asked for lately before what was, so that one that never comes holds up no other."""
    old = [gap for gap in waiting if gap.heard_at <= now - QUIET]
    return sorted(old, key=lambda gap: (gap.asked_at is not None, gap.asked_at or gap.heard_at))[:MOST_RESENT]


def look_again(session: Session) -> int:
    """Where a register lost what it had, or this code keeps registers that none kept before, read manifests anew.

    A table that was restored alone lacks what came last, so that is looked for. Returns how many homes were.
    """
    homes = session.scalars(select(KnownHome).order_by(KnownHome.home).with_for_update()).all()
    last = {row.home: Line(row.last["kind"], UUID(row.last["aggregate"]), row.last["epoch"], row.last["version"],
                           row.last["hash"]) for row in homes if row.last is not None}  # fmt: skip
    lost = {line[1:4] for line in missing_of(session, list(last.values()))} - _known_missing(session)
    found = [row for row in homes if row.kinds != kinds_kept() or (row.home in last and last[row.home][1:4] in lost)]
    for row in found:
        read_again(row)
    return len(found)


def _known_missing(session: Session) -> set[tuple[UUID, int, int]]:
    return {tuple(one) for one in session.execute(select(Gap.aggregate_id, Gap.epoch, Gap.version).where(Gap.open))}  # type: ignore[misc]


def forget_lapses(session: Session) -> None:
    """Drop what is no longer asked about."""
    old, kept = session.clock.now() - REMEMBERED, RegisterEntry
    same = tuple_(kept.id, kept.epoch, kept.version) == tuple_(Gap.aggregate_id, Gap.epoch, Gap.version)
    passing = exists().where(same, kept.received_at <= Gap.heard_at + PASSING)
    forgotten = delete(Gap).where(Gap.open.is_(False), or_(Gap.heard_at < old, passing))
    session.execute(forgotten.execution_options(synchronize_session=False))
    session.execute(delete(Lapse).where(Lapse.until < old))
