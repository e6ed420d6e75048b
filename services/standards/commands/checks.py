"""The log of checks: what was asked here and answered; the dry run asks it again. Kept for 400 days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Insert, Text, bindparam, cast, column, delete, func, insert, select

from services.standards.domain.numbers import read_number
from services.standards.models import Check
from shared.database.many import written_json
from shared.database.prepared import HERE, Prepared
from shared.database.rows import table_of
from shared.journal.session import Session
from shared.journal.timers import TimerRow, schedule, timer

KEPT = timedelta(days=400)
"""A year, so that a dry run sees every season, and a month to look at it."""
MOST = 1000
"""Rows forgotten in one step; the timer sets itself again until nothing old is left."""
FORGET = "standards.certificate.forget_checks"
"""A timer of the tenant itself: its subject is the tenant's id."""
EVERY = timedelta(days=1)


@Prepared
def keep() -> Insert:
    """Keeps `checks` of the tenant `here`: JSON, a list of objects with the columns of `Check` but tenant and id."""
    kept = table_of(Check).c
    columns = [kept[name] for name in ("number", "asked_in", "asked_for", "as_of", "known_at", "asked_at", "counts")]
    given = func.json_to_recordset(cast(bindparam("checks", type_=Text()), JSON))
    rows = given.table_valued(*(column(one.name, one.type) for one in columns))
    asked = rows.render_derived(name="asked", with_types=True)
    names = ["tenant_id", *(one.name for one in columns)]
    return insert(table_of(Check)).from_select(names, select(HERE, *asked.c))


_looked_at: dict[UUID, datetime] = {}
"""When this process last saw to it that the tenant's timer is set, so that not every check asks."""


def keep_checks(session: Session, checks: Sequence[Mapping[str, Any]]) -> None:
    """Write them down; each has the columns of `Check` but tenant and id.

    What is no number counts nowhere, whatever is supposed, and could be anything: it is not kept.
    """
    here, numbers = session.context.tenant_id, [read_number(one["number"]) for one in checks]
    read = [(one, number.text) for one, number in zip(checks, numbers, strict=True) if number]
    if not read:
        return
    keep.rows(session, here=here, checks=written_json([{**one, "number": text} for one, text in read]))
    now = session.clock.now()
    if here not in _looked_at or abs(now - _looked_at[here]) >= EVERY:
        row = session.get(TimerRow, (here, FORGET, here))
        if row is None or row.done_at is not None:
            schedule(session, FORGET, aggregate=here, due_at=now + EVERY)
        _looked_at[here] = now


@timer(FORGET)
def forget_checks(session: Session, aggregate: UUID, _params: Mapping[str, Any]) -> None:
    """Delete what is older than is kept, a step at a time; once nothing old is left, look again a day later."""
    now = session.clock.now()
    old = select(Check.id).where(Check.asked_at < now - KEPT).order_by(Check.asked_at, Check.id).limit(MOST)
    gone = session.scalars(delete(Check).where(Check.id.in_(old)).returning(Check.id)).all()
    schedule(session, FORGET, aggregate=aggregate, due_at=now if len(gone) == MOST else now + EVERY)
