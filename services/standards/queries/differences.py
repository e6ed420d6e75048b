"""Two standards side by side, as the register knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.standards.domain.differences import counted, differences
from services.standards.models import StandardRow
from services.standards.models.registered import one_registered
from shared.journal.session import Session
from shared.text.searching import spaced


def compared(session: Session, left: UUID, *, right: UUID) -> tuple[StandardRow, StandardRow]:
    """Both; raises `NotFoundError`."""
    return one_registered(session, left), one_registered(session, right)


def present_differences(_session: Any, pairs: Sequence[tuple[StandardRow, StandardRow]]) -> list[dict[str, Any]]:
    """What the view shows."""
    documents = []
    for left, right in pairs:
        found = differences(left.state["sheet"], right.state["sheet"])
        documents.append(
            {
                "left": _side(left),
                "right": _side(right),
                "same_subject": spaced(left.subject) == spaced(right.subject),
                "counts": counted(found),
                "rows": found,
            }
        )
    return documents


def _side(row: StandardRow) -> dict[str, Any]:
    return {**row.state, "id": row.id, "etag": row.etag}
