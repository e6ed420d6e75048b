"""Reads of the audit log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from services.identity.queries.names import actor_names
from shared.database.lists import ListQuery
from shared.database.pages import Order, Page, PageRequest, at_or_after, of_known
from shared.evidence.audit import AuditRow
from shared.journal.session import Session
from shared.rules.acts import ACTS

records = ListQuery(
    AuditRow,
    Order({"position": AuditRow.position}, "-position", (AuditRow.position,), at_or_after(AuditRow.at)),
    {
        "act": AuditRow.act,
        "actor": AuditRow.actor_id,
        "subject": AuditRow.subject,
        "outcome": AuditRow.outcome,
        "since": lambda value: AuditRow.at >= value,
        "until": lambda value: AuditRow.at < value,
    },
)
"""Records that have their position, newest first."""
ACTS_KNOWN = Order({"name": "name"}, "name", ("name",))


def present_records(session: Session, rows: Sequence[AuditRow]) -> list[dict[str, Any]]:
    """As `RecordView` shows them: the names of people are looked up, and stand in no record."""
    names = actor_names(session, [(row.actor_id, row.at) for row in rows])
    titles = {name: {"zh": act.zh, "en": act.en} for name, act in ACTS.items()}
    return [
        {
            **json.loads(row.entry),
            "hash": row.hash,
            "title": titles.get(row.act, {"zh": row.act, "en": row.act}),
            "actor_name": name,
        }
        for row, name in zip(rows, names, strict=True)
    ]


def acts(_session: Session, _filters: dict[str, Any], *, paging: PageRequest) -> Page:
    """The closed catalogue by name."""
    return of_known(list(ACTS.values()), order=ACTS_KNOWN, paging=paging)
