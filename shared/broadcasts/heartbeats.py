"""Heartbeats: a cell tells every cell once a second how much its homes have broadcast, also when that is nothing.

The platform's own people may act in every cell, so a cell must know that it has heard of every revocation. Its own
beat, come back to it, tells a cell how far its worker has read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from events.canonical import instant
from shared.broadcasts.cells import cell_id, send_to_cell
from shared.broadcasts.completeness import KnownCell
from shared.broadcasts.knowledge import complete_until
from shared.core.context import PLATFORM
from shared.core.errors import UnavailableError
from shared.core.settings import Settings
from shared.journal.session import Session
from shared.journal.unsent import unsent_topics

LONGEST_SILENCE = timedelta(seconds=5)


def beat(session: Session, homes: Mapping[UUID, tuple[int, str]], *, at: datetime) -> None:
    """Tell every cell how much each of these had broadcast `at` that moment: no later than they were counted.

    Where the last beat has not even left, another would only make the queue longer.
    """
    counted = {str(home): list(count) for home, count in homes.items()}
    waiting = {topic.split(".")[0] for topic in unsent_topics(session)}
    for cell in session.directory.all_cells(session) - waiting:
        send_to_cell(session, "beat", to=cell, content={"at": instant(at), "homes": counted},
                     key=cell_id(session.settings.cell))  # fmt: skip


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
