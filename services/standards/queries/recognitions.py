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
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of
from shared.text.matching import sounds_like_all


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
        "q": lambda value: sounds_like_all(Recognition.folded, value),
        "standard": _names,
    },
)
"""Those of which the tenant is a side, newest first."""


def present_recognitions(session: Session, rows: Sequence[Recognition]) -> list[dict[str, Any]]:
    """What the view shows."""
    party = session.context.party
    said = texts(session, [(row.id, one["digest"]) for row in rows for one in row.objections])
    return [
        {
            **shown,
            "pending": row.pending and {**row.pending, "missing": agreeing.missing(row)},
            "objections": [{**one, "reason": said.get((row.id, one["digest"]))} for one in shown["objections"]],
            "allowed_actions": agreeing.allowed_actions(row, party) if party in row.party_ids else (),
        }
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]
