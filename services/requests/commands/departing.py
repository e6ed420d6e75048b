"""What follows when a tenant has left the platform, or a park has ended: nothing waits for a signature any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import any_, literal, select

from services.requests.commands.common import COMMON
from services.requests.commands.park_duties import REVISIONS
from services.requests.models import CommonRevision, CommonSheet, DutyRevision, DutyTable
from services.requests.models.park_duties import table_id
from services.requests.models.places import ENDED
from shared.journal.session import Session
from shared.journal.timers import timer

FOLLOW = "requests.duty_table.follow_departure"
MOST = 500
"""Revisions of one home that are on the table at once."""


@timer(FOLLOW)
def follow_departure(session: Session, tenant: UUID, _params: Mapping[str, Any]) -> None:
    """At the home of duty tables and common sheets: what all others have signed holds without who has left."""
    here = session.context.tenant_id
    for duty in _open(session, DutyRevision, without=tenant):
        if tenant != here:
            REVISIONS.go_on_without(session, session.locked(DutyTable, duty.table_id), row=duty)
    for common in _open(session, CommonRevision, without=tenant):
        if tenant != here:
            COMMON.go_on_without(session, session.locked(CommonSheet, common.common_id), row=common)


def _open(session: Session, kind: Any, *, without: UUID) -> list[Any]:
    mine = kind.home_id == session.context.tenant_id, kind.state == "proposed", literal(without) == any_(kind.party_ids)
    keys = session.scalars(select(kind.id).where(*mine).order_by(kind.id).limit(MOST)).all()
    return [session.locked(kind, key) for key in keys]


def end_tables(session: Session, parks: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Of these parks those that have ended: their duty tables at home here end with them."""
    for park in _ended(parks):
        table = session.get(DutyTable, (session.context.tenant_id, table_id(session.context.tenant_id, park)))
        if table is not None and table.home_id == session.context.tenant_id:
            REVISIONS.end_all(session, table.id)


def _ended(parks: Mapping[UUID, Mapping[str, Any]]) -> Collection[UUID]:
    return [key for key, state in sorted(parks.items()) if state["state"] in ENDED]
