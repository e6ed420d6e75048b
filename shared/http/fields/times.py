"""Fields of days and moments: what anybody may give is bounded once; where an end may be open, "no end" is taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields
from marshmallow.types import ErrorMessages

from events.canonical import instant
from shared.core.calendar import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    OutOfBoundsError,
    end_of,
    given_day,
    given_moment,
    says_no_end,
)

BOUNDS = f"应在 {FIRST_DAY} 至 {LAST_DAY} 之间 / Must be between {FIRST_DAY} and {LAST_DAY}"
DAY_MESSAGES: ErrorMessages = {
    "day": "必须是日期,如 2026-07-01 / Must be a date such as 2026-07-01",
    "bounds": BOUNDS,
    "endless": (
        "这里须填写具体日期,不能是“长期”或 9999-12-31 / "
        "A definite day is needed here, such as 2026-07-01, not 'no end' or 9999-12-31"
    ),
}


class Day(fields.Date):
    """A date `YYYY-MM-DD` within the bound of `shared.core.calendar`; also writes one that is kept as text.

    An `endless` one may be open: null, 长期 and 9999-12-31 say that there is no end, and are None inside.
    """

    default_error_messages = DAY_MESSAGES

    def __init__(self, *, endless: bool = False, **kwargs: Any) -> None:
        self.endless = endless
        super().__init__(**_open(kwargs, endless=endless))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return _given(self, value, read=given_day, form="day")

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return value if isinstance(value, str) else super()._serialize(value, *args, **kwargs)


class Instant(fields.DateTime):
    """A point in time in views: RFC 3339 in UTC with microseconds and `Z`; also writes one that is kept as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(dump_only=True, **kwargs)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return instant(value) if isinstance(value, datetime) else value


MOMENT_MESSAGES: ErrorMessages = {
    "moment": "必须是带时区的时间,如 2026-07-01T00:00:00Z / Must be a time with its zone, such as 2026-07-01T00:00:00Z",
    "bounds": BOUNDS,
    "endless": (
        "这里须填写具体时间,不能是“长期”或 9999-12-31 / A definite time is needed here, such as 2026-07-01T00:00:00Z"
    ),
}


class Moment(fields.AwareDateTime):
    """A moment that somebody gives: RFC 3339 with a zone, within the bound of `shared.core.calendar`; UTC inside.

    An `endless` one may be open, as a `Day`.
    """

    default_error_messages = MOMENT_MESSAGES

    def __init__(self, *, endless: bool = False, **kwargs: Any) -> None:
        self.endless = endless
        super().__init__(format="iso", **_open(kwargs, endless=endless))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return _given(self, value, read=given_moment, form="moment")

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return instant(value) if isinstance(value, datetime) else value


def _open(kwargs: dict[str, Any], *, endless: bool) -> dict[str, Any]:
    return {"allow_none": True, **kwargs} if endless else kwargs


DAY_OR_MOMENT_MESSAGES: ErrorMessages = {
    **MOMENT_MESSAGES,
    "moment": (
        "必须是日期(2026-07-01,指当日终了)或带时区的时间 / "
        "Must be a date (2026-07-01, meaning its end in Beijing) or a time with its zone, such as 2026-07-01T00:00:00Z"
    ),
}


class DayOrMoment(fields.String):
    """A point in time: as a `Moment`, or a day, which means the last instant of that day in Beijing."""

    default_error_messages = DAY_OR_MOMENT_MESSAGES
    endless = False

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        def last_instant(text: str) -> datetime:
            return end_of(given_day(text)) - timedelta(microseconds=1) if DAY.fullmatch(text) else given_moment(text)

        return _given(self, value, read=last_instant, form="moment")


def _given(field: Day | Moment | DayOrMoment, value: Any, *, read: Callable[[str], Any], form: str) -> Any:
    if not isinstance(value, str):
        raise field.make_error(form)
    if says_no_end(value):
        if field.endless:
            return None
        raise field.make_error("endless")
    try:
        return read(value)
    except OutOfBoundsError as error:
        raise field.make_error("bounds") from error
    except ValueError as error:
        raise field.make_error(form) from error
