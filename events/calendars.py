"""What the calendars service publishes: which days are working days, of each year, for the country or one tenant."""

from __future__ import annotations

from events.canonical import Json
from events.catalog import Change, event


@event("calendars.calendar.drafted.v1", zh="起草工作日历", en="Calendar of working days drafted")
class CalendarDrafted(Change):
    """The days of a year are entered; nothing is counted by them yet."""

    year: int


@event("calendars.calendar.revised.v1", zh="修改工作日历", en="Calendar of working days revised")
class CalendarRevised(Change):
    """Days changed; `changes` holds the new values, by which terms are counted anew if the calendar is published."""

    changes: dict[str, Json]


@event("calendars.calendar.published.v1", zh="公布工作日历", en="Calendar of working days published")
class CalendarPublished(Change):
    """Terms are counted by these days from now on; those that touch the year are counted anew."""

    year: int
    notice: str
