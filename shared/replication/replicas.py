"""Replicas: rows of a party, written from what their homes signed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.database.rows import AGGREGATES, row_values, table_of
from shared.files.fetching import receive
from shared.journal.session import Session
from shared.journal.work import keep_work
from shared.keys.verification import VerifiedEntry


def receive_files(session: Session, entries: Iterable[VerifiedEntry]) -> None:
    """Copy the contents these entries cite."""
    for verified in entries:
        kind = AGGREGATES.get(verified.entry.aggregate_type)
        for name in kind.files if kind else ():
            cited = verified.state.get(name)
            receive(session, cited if isinstance(cited, list) else [], origin=verified.entry.home)


def write_replicas(session: Session, entries: Iterable[VerifiedEntry]) -> None:
    """Write the newest state of each aggregate, one statement per kind; unknown kinds keep only their journal."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for verified in entries:
        if verified.entry.aggregate_type in AGGREGATES:
            by_kind.setdefault(verified.entry.aggregate_type, []).append(_replica(session, verified))
    for kind, rows in by_kind.items():
        session.write(_upsert(kind), rows)
    keep_work(session, [AGGREGATES[kind](**row) for kind, rows in by_kind.items() for row in rows], anew=True)


@cache
def _upsert(kind: str) -> Insert:
    table = table_of(AGGREGATES[kind])
    statement = upsert(table)
    written = [column.name for column in table.columns if column.computed is None]
    changed = {name: statement.excluded[name] for name in written if name not in ("tenant_id", "id")}
    return statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=changed)


def _replica(session: Session, verified: VerifiedEntry) -> dict[str, Any]:
    entry, kind = verified.entry, AGGREGATES[verified.entry.aggregate_type]
    return {
        "tenant_id": session.context.tenant_id,
        "id": entry.aggregate,
        "home_id": entry.home,
        "epoch": entry.epoch,
        "version": entry.version,
        "entry_hash": entry.hash,
        "party_ids": list(entry.parties),
        "updated_at": entry.occurred_at,
        **row_values(kind, verified.state),
    }
