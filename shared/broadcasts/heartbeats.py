"""Heartbeats: a cell tells every cell once a second how much its homes have broadcast, also when that is nothing.

The platform's own people may act in every cell, so a cell must know that it has heard of every revocation. Its own
beat, come back to it, tells a cell how far its worker has read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session as OrmSession

from events.canonical import Json, instant
from shared.broadcasts.cells import cell_id, send_to_cell
from shared.broadcasts.completeness import KnownCell
from shared.broadcasts.horizon import BEGINNING
from shared.broadcasts.knowledge import complete_until
from shared.core.context import PLATFORM
from shared.core.errors import UnavailableError
from shared.core.settings import Settings
from shared.journal.broadcasts import BroadcastLog
from shared.journal.session import Database, Session
from shared.journal.unsent import unsent_topics

LONGEST_SILENCE = timedelta(seconds=5)
LAST = 10
"""Beats of which whoever heard one is told what changed since, and no more."""
ALL_AGAIN = timedelta(minutes=10)
"""After this all homes are named again, for whoever does not know that it should ask."""
LEAST_PAUSE = timedelta(seconds=10)
"""Between two beats that name all homes to a cell that asks for it."""
CLOCKS = timedelta(minutes=1)
"""By how much the clocks of two workers of a cell may differ."""
MOST_NAMED = 4000
"""Homes in one part of a beat, some 500 KB."""
COUNTS = (
    select(BroadcastLog.tenant_id, BroadcastLog.position, BroadcastLog.chain, BroadcastLog.numbered_at)
    .where(BroadcastLog.numbered_at >= bindparam("since"))
    .order_by(BroadcastLog.tenant_id)
)


@dataclass
class Beats:
    """What this process has told each cell lately."""

    _told: dict[str, deque[datetime]] = field(default_factory=dict)
    _all_at: dict[str, datetime] = field(default_factory=dict)

    def beat(self, session: Session, relay: Database, *, at: datetime, uncounted: Collection[UUID] = ()) -> None:
        """Tell every cell how much the homes here had broadcast `at` that moment: no later than it was numbered.

        All but those `uncounted`. Where the last beat has not even left, another would only make the queue longer.
        """
        waiting = {topic.split(".")[0] for topic in unsent_topics(session)}
        asked = {row.cell: row.asks_at for row in session.execute(select(KnownCell.cell, KnownCell.asks_at))}
        cells = session.directory.all_cells(session) - waiting
        since = {cell: self._since(cell, at, asked=asked.get(cell)) for cell in cells}
        earliest = min((one or BEGINNING for one in since.values()), default=at) - CLOCKS
        with relay.cell_session() as looking:
            counts = looking.execute(COUNTS, {"since": earliest}).all()
        for cell, begins in since.items():
            named = [(row.tenant_id, None if row.tenant_id in uncounted else [row.position, row.chain])
                     for row in counts if begins is None or row.numbered_at >= begins - CLOCKS]  # fmt: skip
            named += [(home, None) for home in uncounted if home not in dict(named)]
            for content in _parts(sorted(named, key=itemgetter(0)), since=begins):
                send_to_cell(session, "beat", to=cell, content={"at": instant(at), **content},
                             key=cell_id(session.settings.cell))  # fmt: skip
            session.afterwards.append(partial(self._note, cell, at, names_all=begins is None))

    def _since(self, cell: str, at: datetime, *, asked: datetime | None) -> datetime | None:
        told, all_at = self._told.get(cell), self._all_at.get(cell, BEGINNING)
        wants_all = asked is not None and asked > all_at and at >= all_at + LEAST_PAUSE
        # A clock that was set back tells nothing of what came when.
        if not told or wants_all or not told[-1] < at < all_at + ALL_AGAIN:
            return None
        return told[0]

    def _note(self, cell: str, at: datetime, *, names_all: bool) -> None:
        self._told.setdefault(cell, deque(maxlen=LAST)).append(at)
        if names_all:
            self._all_at[cell] = at


def _parts(named: Sequence[tuple[UUID, list[Any] | None]], *, since: datetime | None) -> Iterator[dict[str, Json]]:
    starts = list(range(0, len(named), MOST_NAMED)) or [0]
    bounds = [None, *(str(named[start][0]) for start in starts[1:]), None]
    for number, start in enumerate(starts):
        yield {
            "since": None if since is None else instant(since), "part": [number + 1, len(starts)],
            "ids": bounds[number : number + 2],
            "homes": {str(home): count for home, count in named[start : start + MOST_NAMED]},
        }  # fmt: skip


def last_returned(session: OrmSession, settings: Settings) -> datetime | None:
    """When this cell said the newest of its own beats that has come back to it; None before the first.

    It has read what it was sent before that, but for partitions in which much waits: a beat has one of its own.
    """
    return session.scalar(select(KnownCell.said_at).where(KnownCell.cell == settings.cell))


def check_received(session: Session, tenant: UUID, *, scope: str) -> None:
    """Raises `UnavailableError` where the platform does not live and was silent too long; reading goes on."""
    settings = session.settings
    if tenant != PLATFORM or settings.platform_cell == settings.cell or scope.endswith(":read"):
        return
    now = session.clock.now()
    until = complete_until(session, PLATFORM, now=now)
    if until is None or now - until > LONGEST_SILENCE:
        raise UnavailableError(
            "platform_unheard",
            "本单元暂未收到平台的最新撤销名单,平台账号只能查询。请稍后再试。",
            "This cell has not heard the platform's latest revocations: its accounts may only read. Retry shortly.",
        )
