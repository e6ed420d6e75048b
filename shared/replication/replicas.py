"""Replicas: rows of a party, written from what their homes signed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from shared.database.many import put
from shared.database.rows import AGGREGATES, Aggregate, made_of, row_values, table_of
from shared.files.fetching import receive
from shared.journal.session import Session
from shared.journal.work import keep_work
from shared.keys.verification import VerifiedEntry


def write_replicas(session: Session, entries: Iterable[VerifiedEntry]) -> None:
    """Copy the contents that each entry cites, and write the newest state of each aggregate, a statement per kind.

    Of kinds that are unknown here only the journal is kept.
    """
    newest: dict[UUID, tuple[type[Aggregate], VerifiedEntry]] = {}
    for verified in entries:
        kind = AGGREGATES.get(verified.entry.aggregate_type)
        if kind is None:
            continue
        newest[verified.entry.aggregate] = kind, verified
        for name in kind.files:
            cited = verified.state.get(name)
            receive(session, cited if isinstance(cited, list) else [], origin=verified.entry.home)
    rows: dict[type[Aggregate], list[dict[str, Any]]] = {}
    for key, (kind, verified) in newest.items():
        entry = verified.entry
        row = {
            "tenant_id": session.context.tenant_id,
            "id": key,
            "home_id": entry.home,
            "epoch": entry.epoch,
            "version": entry.version,
            "entry_hash": entry.hash,
            "party_ids": list(entry.parties),
            "updated_at": entry.occurred_at,
            **row_values(kind, verified.state),
        }
        rows.setdefault(kind, []).append(row)
    for kind, values in rows.items():
        changed = (name for name in values[0] if name not in ("tenant_id", "id"))
        session.write(put(table_of(kind), *changed), values)
    keep_work(session, [made_of(kind, row) for kind, values in rows.items() for row in values], reload=True)
