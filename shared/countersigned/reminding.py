"""The day by which something is to be signed: given with a proposal, reminded of before and on that day, once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from events.catalog import Change
from shared.core.calendar import day_of, end_of, start_of
from shared.core.errors import Fault, InvalidError
from shared.database.rows import AGGREGATES, Aggregate
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.journal.work import SIGNING, derived

DAYS_BEFORE = 3
MORNING = timedelta(hours=9)
"""Into the day: nobody is reminded at midnight."""


class SignedBy:
    """The columns of what is to be signed by a day; beside the content, so that no signature covers them."""

    sign_by: Mapped[date | None]
    reminded_at: Mapped[datetime | None]

    @property
    def sign_due(self) -> datetime | None:
        """The moment from which on a missing signature is overdue."""
        return None if self.sign_by is None else end_of(self.sign_by)


def check_sign_by(session: Session, day: date | None) -> None:
    """It lies after today; raises `InvalidError`."""
    today = day_of(session.clock.now())
    if day is not None and day <= today:
        raise InvalidError(
            "sign_by_past",
            f"签署期限 {day} 不晚于今日 {today}。请选择以后的日期,或不设期限。",
            f"The day to sign by, {day}, is not later than today, {today}. Choose a later day, or none.",
            [Fault("/sign_by", f"应晚于今日 {today}", f"Must be later than today, {today}")],
        )


def next_reminder(sign_by: date, now: datetime) -> datetime | None:
    """The next of the two mornings on which to remind."""
    mornings = (start_of(sign_by - timedelta(days=before)) + MORNING for before in (DAYS_BEFORE, 0))
    return next((morning for morning in mornings if morning > now), None)


def ask_to_sign(session: Session, row: Any, *, by: date | None) -> None:
    """It is to be signed by this day from now on, or by none; raises `InvalidError`. The row is yet to be published."""
    check_sign_by(session, by)
    row.sign_by, row.reminded_at = by, None
    set_reminder(session, row)


def set_reminder(session: Session, row: Any) -> None:
    """Set or unset the timer of the next reminder."""
    at = None if row.sign_by is None else next_reminder(row.sign_by, session.clock.now())
    schedule(session, _name(row.kind), aggregate=row.id, due_at=at)


def _name(kind: str) -> str:
    return f"{kind}.remind_to_sign"


def reminds(kind: str, change: Callable[..., Change]) -> None:
    """Register the timer of this kind of thing; `change` is the event of a reminder, of the day."""

    @timer(_name(kind))
    def remind(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
        row: Any = session.locked(AGGREGATES[kind], key)
        now = session.clock.now()
        if row.sign_due is None or now >= row.sign_due or not awaits_signature(session, row):
            return
        row.reminded_at = now
        set_reminder(session, row)
        session.publish(row, change(sign_by=row.sign_by))


def awaits_signature(session: Session, row: Aggregate) -> bool:
    """Whether somebody's signature is missing that can be given now."""
    return any(line["action"] in SIGNING for line in derived(session, row))
