"""Lists of applications, and what their view shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from services.organisations.domain.applications import APPLICATION_LIFECYCLE, PURPOSES
from services.organisations.models import Application
from shared.database.pages import Page, PageRequest, in_order
from shared.database.rows import Aggregate
from shared.evidence.texts import texts
from shared.journal.session import Session
from shared.replication.delivery import order_of

APPLICATIONS = order_of(Application)


def applications(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The tenant's, newest first; for people of one organisation its own, by row-level security."""
    known: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "state": lambda value: Application.state == value,
        "purpose": lambda value: Application.purpose == value,
        "organisation": lambda value: Application.organisation_id == value,
    }
    query = select(Application).where(*(known[name](value) for name, value in filters.items()))
    return in_order(session, query, order=APPLICATIONS, paging=paging)


def history(session: Session, key: UUID) -> list[Aggregate]:
    """The application alone; raises `NotFoundError`."""
    return [session.one(Application, key)]


def present_applications(session: Session, rows: Sequence[Application]) -> list[dict[str, Any]]:
    """What the view shows: what is asked for under the name of its purpose."""
    reasons = texts(session, [(row.id, row.reason_digest) for row in rows])
    return [
        {
            **{name: value for name, value in vars(row).items() if not name.startswith("_")},
            **{purpose: row.asked if row.purpose == purpose else None for purpose in PURPOSES},
            "etag": row.etag,
            "reason": reasons.get((row.id, row.reason_digest or "")),
            "allowed_actions": APPLICATION_LIFECYCLE.actions(row.state),
        }
        for row in rows
    ]
