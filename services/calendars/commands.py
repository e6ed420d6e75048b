"""Writes of calendars: drafted, also from a file, revised, published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from events.calendars import CalendarDrafted, CalendarPublished, CalendarRevised
from events.canonical import plain
from events.entry import aggregate_id
from services.calendars.domain.calendar import CALENDAR_LIFECYCLE, MOST_DAYS, check_days
from services.calendars.domain.sheets import TABLE, days_in
from services.calendars.models import Calendar
from shared.commands.registry import command
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.files.citing import content_given
from shared.journal.session import Session
from shared.tables import reading

Days = Sequence[Mapping[str, Any]]


def draft_calendar(session: Session, *, year: int, days: Days, notice: str | None) -> Calendar:
    """The year's days of one's own tenant, at the platform those of the country; nothing is counted by them yet."""
    check_days(days, year=year)
    if session.get(Calendar, (session.context.tenant_id, _key(session, year))) is not None:
        raise ConflictError(
            "calendar_exists",
            f"{year} 年的工作日历已经存在。请修改它,不要新建。",
            f"There is a calendar of {year} already. Revise that one.",
        )
    row = session.create(
        Calendar,
        parties=[session.context.tenant_id],
        nonce=_nonce(year),
        tenant=session.context.tenant_id,
        year=year,
        state=CALENDAR_LIFECYCLE.initial,
        days=_in_order(days),
        notice=notice,
    )
    session.publish(row, CalendarDrafted(year=year))
    return row


def import_calendar(session: Session, *, file: str, year: int, notice: str | None) -> Calendar:
    """The year's draft with the days of a table: made, or with these days in place of those that it had.

    Raises `InvalidError` that names each wrong cell, `ConflictError` where the year is published.
    """
    _stored, opened = content_given(session, file, pointer="/file")
    with opened, reading.opened(opened, headings=TABLE.by_heading) as table:
        days = days_in(list(islice(table.rows, MOST_DAYS + 1)), TABLE.of(table.heading), year=year)
    row = session.get(Calendar, (session.context.tenant_id, _key(session, year)))
    if row is None:
        return draft_calendar(session, year=year, days=days, notice=notice)
    if row.state != CALENDAR_LIFECYCLE.initial:
        raise ConflictError(
            "calendar_published",
            f"{year} 年的工作日历已公布,导入只填写草稿。请直接修改该日历。",
            f"The calendar of {year} is published, and an import fills in drafts alone. Revise that calendar.",
        )
    revised: Calendar = revise_calendar(session, row.id, days=days, notice=row.notice if notice is None else notice)
    return revised


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


def _nonce(year: int) -> str:
    return f"calendar/{year}"


def _key(session: Session, year: int) -> UUID:
    """The id that the tenant's calendar of this year has, if there is one."""
    return aggregate_id(session.context.tenant_id, _nonce(year))


def _in_order(days: Days) -> list[dict[str, Any]]:
    return sorted((plain(dict(one)) for one in days), key=lambda one: str(one["day"]))
