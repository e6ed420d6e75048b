"""Lists of recognitions, and what their views show beyond columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from services.standards.domain import agreeing
from services.standards.models import Recognition
from shared.database.lists import ListQuery
from shared.evidence.texts import texts
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of


def _names(standard: UUID) -> ColumnElement[bool]:
    named = [{"standard": str(standard)}]
    return or_(Recognition.items.contains(named), Recognition.pending.contains({"items": named}))


recognitions = ListQuery(
    Recognition,
    order_of(Recognition, "title_zh"),
    {
        "other": lambda value: or_(Recognition.recogniser == value, Recognition.recognised == value),
        "state": Recognition.state,
        "to_sign": lambda value: waits_for_us(Recognition, wanted=value),
        "mutual": Recognition.mutual,
        "standard": _names,
    },
)
"""Those of which the tenant is a side, newest first."""


def present_recognitions(session: Session, rows: Sequence[Recognition]) -> list[dict[str, Any]]:
    """What the view shows."""
    digests = [(one.id, one.reason_digest) for one in rows]
    of_objections = [
        (one.id, each[name]) for one in rows for each in one.objections for name in ("digest", "answer_digest")
    ]
    said, party, documents = texts(session, [*digests, *of_objections]), session.context.party, []
    for row in rows:
        stands = row.standing
        objections = [
            {**one, "reason": said.get((row.id, one["digest"])), "answer": said.get((row.id, one["answer_digest"]))}
            for one in row.objections
        ]
        documents.append(
            {
                **{name: value for name, value in vars(row).items() if not name.startswith("_")},
                "etag": row.etag,
                "pending": row.pending and {**row.pending, "missing": agreeing.missing(stands)},
                "objections": objections,
                "reason": said.get((row.id, row.reason_digest or "")),
                "allowed_actions": agreeing.allowed_actions(stands, party) if party in row.party_ids else (),
            }
        )
    return documents
