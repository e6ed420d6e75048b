"""What has an end: a qualification expires with its last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.organisations import QualificationExpired
from services.organisations.domain.organisation import LIVING
from services.organisations.domain.qualifications import cites, expired, next_end
from services.organisations.models import Organisation
from shared.core.calendar import day_of, end_of
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule_all, timer

EXPIRE = "organisations.organisation.expire"


@timer(EXPIRE)
def expire_qualifications(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """The last day of at least one is over."""
    row = session.locked(Organisation, key)
    if row.state not in LIVING:
        return
    row.qualifications, names = expired(row.qualifications, today=day_of(session.clock.now()))
    if names:
        session.publish(row, QualificationExpired(names=names, cites=cites(row.qualifications)))
    watch_validity(session, [row])


def watch_validity(session: Session, rows: Sequence[Organisation]) -> None:
    """Set each one's timer for the qualification that ends first."""
    ends = {row.id: next_end(row.qualifications) for row in rows}
    schedule_all(session, EXPIRE, due={key: end_of(day) for key, day in ends.items() if day is not None})
    for row in rows:
        if ends[row.id] is None and row.version > 1:
            cancel(session, EXPIRE, aggregate=row.id)
