"""Heartbeats: the platform's cell tells the others every second how far its broadcasts have come.

The platform's own people may act in every cell, so a cell must know that it has heard of every revocation: a beat
travels behind them on their partition, and counts only when the register has what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as OrmSession

from shared.context import PLATFORM
from shared.days import read_moment
from shared.documents import position, signed
from shared.errors import UnavailableError
from shared.model import AGGREGATES, Row
from shared.outbox import enqueue, topic_name

if TYPE_CHECKING:
    from shared.auth import Claims
    from shared.db import Session

LONGEST_SILENCE = timedelta(seconds=5)


class HeartbeatRow(Row):
    """When the platform last said where a broadcast aggregate stands and this cell had it; of no tenant."""

    __tablename__ = "heartbeats"
    __table_args__ = {"schema": "shared"}

    kind: Mapped[str] = mapped_column(primary_key=True)
    said_at: Mapped[datetime]


def beat(session: Session) -> int:
    """In the platform's cell: one beat per kind that beats to every other cell; returns how many."""
    settings = session.settings
    others = sorted(set(settings.cell_keys) - {settings.cell})
    if session.context.tenant_id != PLATFORM or settings.platform_cell != settings.cell or not others:
        return 0
    for kind in _beating():
        row = session.scalars(select(AGGREGATES[kind]).where(AGGREGATES[kind].home_id == PLATFORM)).first()
        key, stands = (PLATFORM, (0, 0)) if row is None else (row.id, row.position)
        for cell in others:
            content = {"to": cell, "aggregate": str(key), "kind": kind, "epoch": stands[0], "version": stands[1]}
            envelope = signed(session, "beat", content=content)
            enqueue(session, [topic_name(cell, kind.split(".")[0], kind="events")], envelope=envelope, key=key)
    return len(others)


def _beating() -> list[str]:
    return sorted(name for name, kind in AGGREGATES.items() if kind.beats)


def hear(session: OrmSession, sender: UUID, *, document: Mapping[str, Any], cell: str) -> None:
    """Note a verified beat of the platform, if it is for this cell and the register has what it names."""
    kind = AGGREGATES.get(str(document["kind"]))
    if sender != PLATFORM or document["to"] != cell or kind is None or kind.register is None:
        return
    row = session.get(kind.register, UUID(document["aggregate"]))
    stands = (0, 0) if row is None else (row.epoch, row.version)
    if stands < position(document):
        return
    said = read_moment(document["at"])
    statement = upsert(HeartbeatRow).values(kind=kind.kind, said_at=said)
    later = HeartbeatRow.said_at < statement.excluded.said_at
    session.execute(statement.on_conflict_do_update(index_elements=["kind"], set_={"said_at": said}, where=later))


def check_heard(session: Session, claims: Claims, *, scope: str) -> None:
    """Raises `UnavailableError` where the platform does not live and was silent too long; reading goes on."""
    settings = session.settings
    if claims.tenant_id != PLATFORM or settings.platform_cell == settings.cell or scope.endswith(":read"):
        return
    oldest = session.scalars(select(HeartbeatRow.said_at).order_by(HeartbeatRow.said_at)).first()
    if oldest is None or session.clock.now() - oldest > LONGEST_SILENCE:
        raise UnavailableError(
            "platform_unheard",
            "本单元暂未收到平台的最新撤销名单,平台账号只能查询。请稍后再试。",
            "This cell has not heard the platform's latest revocations: its accounts may only read. Retry shortly.",
        )
