"""Writes of calendars: drafted, revised, published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.calendars import CalendarDrafted, CalendarPublished, CalendarRevised
from events.canonical import plain
from events.entry import aggregate_id
from services.calendars.domain import CALENDAR_LIFECYCLE, check_days
from services.calendars.models import Calendar
from shared.commands.registry import command
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.journal.session import Session

Days = Sequence[Mapping[str, Any]]


def draft_calendar(session: Session, *, year: int, days: Days, notice: str | None) -> Calendar:
    """The year's days of one's own tenant, at the platform those of the country; nothing is counted by them yet."""
    check_days(days, year=year)
    nonce = f"calendar/{year}"
    if session.get(Calendar, (session.context.tenant_id, aggregate_id(session.context.tenant_id, nonce))) is not None:
        raise ConflictError(
            "calendar_exists",
            f"{year} 年的工作日历已经存在。请修改它,不要新建。",
            f"There is a calendar of {year} already. Revise that one.",
        )
    row = session.create(
        Calendar,
        parties=[session.context.tenant_id],
        nonce=nonce,
        tenant=session.context.tenant_id,
        year=year,
        state=CALENDAR_LIFECYCLE.initial,
        days=_in_order(days),
        notice=notice,
    )
    session.publish(row, CalendarDrafted(year=year))
    return row


@command("calendars.calendar.revise", Calendar)
def revise_calendar(session: Session, key: UUID, **changes: Any) -> Calendar:
    """Other days, or another notice; of a published calendar terms are counted anew."""
    row = session.locked(Calendar, key)
    CALENDAR_LIFECYCLE.move(row, "revise")
    if "days" in changes:
        check_days(changes["days"], year=row.year)
        changes["days"] = _in_order(changes["days"])
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if row.state != CALENDAR_LIFECYCLE.initial:
        _check_notice(row)
    if changed:
        session.publish(row, CalendarRevised(changes=plain(changed)))
    return row


@command("calendars.calendar.publish", Calendar)
def publish_calendar(session: Session, key: UUID) -> Calendar:
    """Count by it from now on."""
    row = session.locked(Calendar, key)
    CALENDAR_LIFECYCLE.move(row, "publish")
    session.publish(row, CalendarPublished(year=row.year, notice=_check_notice(row)))
    return row


def _check_notice(row: Calendar) -> str:
    """Its notice; raises `InvalidError` without one."""
    if row.notice is None:
        raise InvalidError(
            "calendar_notice",
            "公布前须填写依据的通知文号。",
            "Give the number of the notice by which the days are set before you publish them.",
            [Fault("/notice", "请填写通知文号。", "Give the number of the notice.")],
        )
    return row.notice


def _in_order(days: Days) -> list[dict[str, Any]]:
    return sorted((plain(dict(one)) for one in days), key=lambda one: str(one["day"]))
