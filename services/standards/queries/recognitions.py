"""Lists of recognitions, and what their views show beyond columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from services.standards.domain import agreeing
from services.standards.models import Recognition
from shared.database.lists import ListQuery
from shared.evidence.texts import Name, texts
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
    said = texts(session, _digests(rows))
    return [_recognition(session, row, said=said) for row in rows]


def _recognition(session: Session, row: Recognition, *, said: Mapping[Name, str]) -> dict[str, Any]:
    stands, party = row.standing, session.context.party
    actions = agreeing.allowed_actions(stands, party) if party in row.party_ids else ()
    objections = [
        {**one, "reason": said.get((row.id, one["digest"])), "answer": said.get((row.id, one["answer_digest"]))}
        for one in row.objections
    ]
    return {
        **{name: value for name, value in vars(row).items() if not name.startswith("_")},
        "etag": row.etag,
        "pending": row.pending and {**row.pending, "missing": agreeing.missing(stands)},
        "objections": objections,
        "reason": said.get((row.id, row.reason_digest or "")),
        "allowed_actions": actions,
    }


def _digests(rows: Sequence[Recognition]) -> list[tuple[UUID, str | None]]:
    digests = [(row.id, row.reason_digest) for row in rows]
    said = ("digest", "answer_digest")
    return [*digests, *((row.id, one[name]) for row in rows for one in row.objections for name in said)]
