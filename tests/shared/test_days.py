"""Days and moments that come in: one bound, one form, and "no end" where an end may be open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.core.calendar import FIRST_DAY, LAST_DAY, day_of, end_of, moment_of, read_day, read_moment, start_of
from shared.http.fields.times import Day, DayOrMoment, Moment

NO_DAYS = (
    "2025-02-29", "10000-01-01", "0000-01-01", "2026-W27-3", "20260701", "2026-7-1", "2026-07-01 ",
    "2026-07-01T00:00:00Z", "", "昨天", "-001-01-01", "\uff12\uff10\uff12\uff16-07-01", 2026, None, True, [],
)  # fmt: skip
NO_MOMENTS = (
    "2026-07-01", "2026-07-01T00:00:00", "2026-07-01T23:59:60Z", "2026-07-01T24:00:00Z", "2026-07-01T00:00:00+24:00",
    "20260701T000000Z", "2026-07-01T00:00:00+08", "10000-01-01T00:00:00Z", "2025-02-29T00:00:00Z", 0, None, "",
)  # fmt: skip
ENDLESS = (
    "长期",
    " 长期有效",
    "永久",
    "无固定期限",
    "9999-12-31",
    "\uff19\uff19\uff19\uff19-12-31",
    "9999-12-31T23:59:59-12:00",
)


@given(st.dates())
@example(date.min)
@example(date.max)
@example(FIRST_DAY)
@example(LAST_DAY)
@example(date(2024, 2, 29))
def test_a_day_that_is_taken_can_be_reckoned_with(day):
    if not FIRST_DAY <= day <= LAST_DAY:
        with pytest.raises(ValidationError, match=str(FIRST_DAY) if day != date.max else "A definite day"):
            Day().deserialize(day.isoformat())
        return
    taken = Day().deserialize(day.isoformat())
    assert start_of(taken).astimezone(UTC) < end_of(taken).astimezone(UTC) - timedelta(hours=23)
    assert read_day(taken.isoformat()) == taken
    assert DayOrMoment().deserialize(day.isoformat()) == end_of(taken) - timedelta(microseconds=1)


zones = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=zones))
@example(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))
@example(datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))))
def test_a_moment_that_is_taken_is_one_in_every_zone(moment):
    for field in (Moment(), DayOrMoment()):
        try:
            taken = field.deserialize(moment.isoformat())
        except ValidationError:
            assert not FIRST_DAY <= moment.date() <= LAST_DAY
            continue
        assert taken == moment
        assert taken.tzinfo is UTC
        assert day_of(taken)
        assert read_moment(taken.isoformat()) == taken


@pytest.mark.parametrize(("field", "value"), [(Day(), value) for value in NO_DAYS]
                         + [(field(), value) for field in (Moment, DayOrMoment) for value in NO_MOMENTS
                            if field is Moment or value != "2026-07-01"])  # fmt: skip
def test_what_is_no_day_or_moment_is_refused_in_both_languages(field, value):
    with pytest.raises(ValidationError) as refusal:
        field.deserialize(value)
    (message,) = refusal.value.messages
    assert " / " in message or value is None


@pytest.mark.parametrize("value", ENDLESS)
def test_no_end_is_taken_where_an_end_may_be_open_and_refused_where_a_day_is_needed(value):
    assert Day(endless=True).deserialize(value) is None
    assert Moment(endless=True).deserialize(value) is None
    for field in (Day(), Moment(), DayOrMoment()):
        with pytest.raises(ValidationError, match="A definite"):
            field.deserialize(value)


def test_what_is_none_does_not_pass_for_no_end():
    for value in ("9999-12-30", "9999-01-01", "9998-12-31", "短期", "长"):
        with pytest.raises(ValidationError):
            Day(endless=True).deserialize(value)


@given(st.one_of(st.floats(), st.integers()))
@example(float("inf"))
@example(1e300)
@example(-62135596800)
@example(253402300799)
def test_seconds_of_a_token_are_a_moment_or_refused(seconds):
    try:
        moment = moment_of(seconds)
    except ValueError:
        return
    assert day_of(moment)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-07-01T00:00:00"])
def test_a_received_moment_without_a_place_in_the_calendar_is_refused_as_a_value(text):
    with pytest.raises(ValueError, match=text[:10]):
        read_moment(text)
