"""Times as people read them: how long ago or how soon, with the exact moment in Beijing time in reach."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from markupsafe import Markup

from shared.core.calendar import BEIJING, read_moment
from shared.http.requests.gate import database
from shared.pages.languages import t

MINUTE, HOUR, DAY = 60, 3600, 86_400
SOON = 3
"""Days from which on something is urgent."""


def moment(text: str) -> Markup:
    """A moment of the API, in UTC, where people ask how long ago it was."""
    when = read_moment(text)
    whole = when.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S ") + t("北京时间", "Beijing time")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, whole, relative(when))


def exact(text: str, *, begins: bool = False) -> Markup:
    """A moment of the API as evidence and print need it; what begins with a day is said by the day alone."""
    when = read_moment(text).astimezone(BEIJING)
    is_day = begins and not (when.hour or when.minute or when.second)
    said = f"{when:%Y-%m-%d}" if is_day else f"{when:%Y-%m-%d %H:%M}"
    whole = f"{when:%Y-%m-%d %H:%M:%S} {t('北京时间', 'Beijing time')}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, whole, said)


def relative(when: datetime) -> str:
    """As people say it: 11 分钟前, 昨天 16:40, 11-25, 2025-11-25."""
    now = database().clock.now()
    seconds = (now - when).total_seconds()
    here, today = when.astimezone(BEIJING), now.astimezone(BEIJING).date()
    if 0 <= seconds < MINUTE:
        return t("刚刚", "just now")
    if 0 <= seconds < HOUR:
        count = int(seconds // MINUTE)
        return t(f"{count} 分钟前", f"{count} min ago")
    if here.date() == today:
        return t(f"今天 {here:%H:%M}", f"today {here:%H:%M}")
    if here.date() == today - timedelta(days=1):
        return t(f"昨天 {here:%H:%M}", f"yesterday {here:%H:%M}")
    return f"{here:%m-%d %H:%M}" if here.year == today.year else f"{here:%Y-%m-%d}"


def lasting(seconds: float) -> str:
    """How long something takes or has waited: 31 毫秒, 28 秒, 5 分钟, 2 小时, 3 天."""
    for most, unit, zh, en in (
        (1, 0.001, "毫秒", "ms"),
        (MINUTE, 1, "秒", "s"),
        (HOUR, MINUTE, "分钟", "min"),
        (DAY, HOUR, "小时", "h"),
    ):
        if seconds < most:
            return t(f"{seconds / unit:.0f} {zh}", f"{seconds / unit:.0f} {en}")
    days = int(seconds // DAY)
    return t(f"{days} 天", f"{days} d")


def day(text: str) -> Markup:
    """A day of the API."""
    return Markup('<time datetime="{}">{}</time>').format(text, text)


def long_day(day: date) -> str:
    """A day with its weekday, as a page's head says it: 11月27日 星期五."""
    zh = f"{day.month}月{day.day}日 星期{'一二三四五六日'[day.weekday()]}"
    return t(zh, f"{day:%A}, {day.day} {day:%B}")


def month_said(day: date) -> str:
    """The month of a day, with its year: 2026年12月."""
    return t(f"{day.year}年{day.month}月", f"{day:%B} {day.year}")


def due(text: str) -> Markup:
    """Until when something is to be done, and how soon that is; it is overdue from this moment on."""
    when, now = read_moment(text), database().clock.now()
    today = now.astimezone(BEIJING).date()
    # What is due ends with its last day, at midnight of the next.
    last = (when - timedelta(seconds=1)).astimezone(BEIJING).date()
    days = (last - today).days
    if when <= now:
        kind, said = "late", t(f"逾期 {max(1, -days)} 天", f"{max(1, -days)} d overdue")
    else:
        kind, said = "soon" if days <= SOON else "", t(f"{days} 天", f"{days} d") if days else t("今天", "today")
    day_said = f"{last:%m-%d}" if last.year == today.year else f"{last:%Y-%m-%d}"
    title = when.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M ") + t("北京时间", "Beijing time")
    return Markup('<span class="due {}" title="{}">{}·{}</span>').format(kind, title, said, day_said)
