"""Lists of applications, and what their view shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.organisations.domain.applications import PURPOSES
from services.organisations.models import Application
from shared.database.lists import ListQuery
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.replication.delivery import order_of

applications = ListQuery(
    Application,
    order_of(Application),
    {"state": Application.state, "purpose": Application.purpose, "organisation": Application.organisation_id},
)
"""The tenant's, newest first; for people of one organisation its own, by row-level security."""


def present_applications(session: Session, rows: Sequence[Application]) -> list[dict[str, Any]]:
    """What the view shows: what is asked for under the name of its purpose."""
    return [
        {**shown, **{purpose: row.asked if row.purpose == purpose else None for purpose in PURPOSES}}
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]
