"""The sweep: one look over the cell tells in which tenants something is due, and only those are opened.

What a look costs follows what waits, not how many tenants there are. The relay's role looks: it sees whose rows wait,
and since when, and nothing of what they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, DateTime, Select, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session as OrmSession

from shared.broadcasts.asking import ask_homes, forget_lapses, look_again
from shared.broadcasts.cells import cell_context
from shared.broadcasts.heartbeats import Beats, last_returned
from shared.broadcasts.horizon import BEGINNING
from shared.broadcasts.manifests import number_broadcasts
from shared.commands import execution
from shared.commands.forwarding import PendingCommand, send_again
from shared.core.context import machine_context
from shared.core.log import logger
from shared.database import answers
from shared.evidence.audit import AuditInbox, sequence
from shared.files import files
from shared.journal.broadcasts import BroadcastRow
from shared.journal.heads import HeadRow
from shared.journal.progress import HELD, ProgressRow
from shared.journal.session import Database, Session
from shared.replication.announcing import announce_heads
from shared.replication.resync import ask_again

ASK, ANNOUNCE, SEND_AGAIN, SEQUENCE, NUMBER = "ask", "announce", "send_again", "sequence", "number"
FORGET = "forget"
_NOW = bindparam("now", type_=DateTime(timezone=True))


def _look(parts: Mapping[str, Collection[Select[UUID]]]) -> CompoundSelect[Any]:
    """Which part of the sweep has something to do in which tenant; made once, for that takes longer than asking."""
    named = [(name, query.distinct().subquery()) for name, queries in parts.items() for query in queries]
    return union_all(*(select(literal(name), rows.c.tenant_id) for name, rows in named))


# Which rows wait at all is what the relay's policies say.
EVERY_SECOND = {
    ASK: [
        select(ProgressRow.tenant_id).where(
            ProgressRow.status == HELD, or_(ProgressRow.ask_at.is_(None), ProgressRow.ask_at <= _NOW)
        )
    ],
    ANNOUNCE: [select(HeadRow.tenant_id).where(HeadRow.next_at <= _NOW)],
    SEND_AGAIN: [select(PendingCommand.tenant_id).where(PendingCommand.next_at <= _NOW)],
    SEQUENCE: [select(AuditInbox.tenant_id)],
    NUMBER: [select(BroadcastRow.tenant_id)],
}
OLD = {
    FORGET: [
        select(answers.IdempotencyRow.tenant_id).where(answers.IdempotencyRow.created_at <= _NOW - answers.KEPT),
        select(execution.ExecutedCommand.tenant_id).where(
            execution.ExecutedCommand.executed_at <= _NOW - execution.KEPT
        ),
        select(files.FileRow.tenant_id).where(files.FileRow.received_at <= _NOW - files.KEPT_UNCITED),
    ]
}
LOOK, LOOK_FOR_OLD = _look(EVERY_SECOND), _look(EVERY_SECOND | OLD)


def look(relay: OrmSession, *, now: datetime, forgetting: bool = False) -> dict[UUID, set[str]]:
    """What is to be done now, by tenant; only a session of the relay's role sees it."""
    due: dict[UUID, set[str]] = {}
    for part, tenant in relay.execute(LOOK_FOR_OLD if forgetting else LOOK, {"now": now}):
        due.setdefault(tenant, set()).add(part)
    return due


@dataclass
class Sweep:
    """What a worker does every second beside its records, wherever it is due; `relay` sees where that is."""

    database: Database
    relay: Database
    beats: Beats = field(default_factory=Beats)

    def run(self, *, forgetting: bool = False, behind: bool = False) -> None:
        """The tenants' shares and then the cell's; one tenant's trouble is not another's.

        `behind` where the caller knows that records have piled up, which the cell's own beats may have passed by.
        """
        database, at, uncounted = self.database, self.database.clock.now(), set[UUID]()
        with self.relay.cell_session() as session:
            due = look(session, now=at, forgetting=forgetting)
            read_until = BEGINNING if behind else last_returned(session, database.settings)
        for tenant, parts in due.items():
            try:
                with database.session(machine_context(tenant, "sweep")) as session:
                    is_counted = sweep_tenant(session, parts, read_until=read_until)
            except Exception:  # noqa: BLE001 - whatever it is, the next round may do better
                logger("worker").exception("sweep_failed", tenant=str(tenant))
                is_counted = NUMBER not in parts
            uncounted |= set() if is_counted else {tenant}
        with database.session(cell_context(database.settings)) as session:
            self.beats.beat(session, self.relay, at=at, uncounted=uncounted)
            ask_homes(session)
            if forgetting:
                look_again(session)
                forget_lapses(session)


def sweep_tenant(session: Session, parts: Collection[str], *, read_until: datetime | None = None) -> bool:
    """These parts of one tenant's share; returns whether all that it has broadcast is numbered.

    What this cell was sent before `read_until` it has read; None where nothing tells.
    """
    if ASK in parts:
        ask_again(session)
    if ANNOUNCE in parts:
        announce_heads(session, read_until=read_until)
    if SEND_AGAIN in parts:
        send_again(session)
    if SEQUENCE in parts:
        sequence(session)
    if FORGET in parts:
        answers.forget_old(session)
        execution.forget_executed(session)
        files.forget_uncited(session)
    return number_broadcasts(session) is not None if NUMBER in parts else True
