"""Feeds: the days on which one's work is due and the times that one has booked, for calendar programs (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from services.console.calling.visits import Visitor, session_of
from services.console.kit.dates import last_day
from services.console.kit.values import Values
from services.console.kit.work import Wait
from services.console.models import Feed
from shared.core.calendar import day_of, given_day, read_moment
from shared.core.secrets import handed_out, hashed, tenant_of
from shared.http.requests.gate import database
from shared.pages.languages import t

STALE = timedelta(days=14)
"""So long after somebody's last visit their feed still says what was due then."""
MOST_BOOKINGS = 100
"""So many of the next times that are booked stand in a feed."""
LONGEST_LINE = 75
"""Octets (RFC 5545, 3.1)."""
ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""}
Event = Mapping[str, Any]


def events_of(found: Iterable[Wait]) -> list[dict[str, Any]]:
    """What has a date, as a feed keeps it."""
    return [
        {
            "uid": f"{one.row['id']}-{one.row['action']}",
            "day": str(day),
            "title": f"{one.what} · {one.name}",
            "url": one.url,
        }
        for one in found
        if (day := last_day(one)) is not None
    ]


def booked(who: Visitor, **narrowed: Any) -> list[dict[str, Any]]:
    """Times that are booked for whom the reader acts, from now on where nothing else is asked for.

    People of an office see their organisations' bookings, too; those are not their own.
    """
    if not who.may("facilities:read"):
        return []
    asked = {"starts_from": database().clock.now().isoformat(), "home": str(who.tenant), **narrowed}
    body = who.api.get("/v1/bookings", state="confirmed", sort="starts_at", limit=MOST_BOOKINGS, **asked).body
    values, own = Values(body.get("names", {})), who.me["organisation"]
    return [
        {
            "uid": row["id"],
            "starts_at": row["starts_at"],
            "ends_at": row["ends_at"],
            "title": f"{values.name(row['facility'])} · {row['purpose']}",
            "url": f"/console/bookings/{row['id']}",
        }
        for row in body["items"]
        if row["organisation"] == own
    ]


def feed(who: Visitor) -> Feed | None:
    """The reader's own; None where they have none."""
    with who.session() as session:
        row: Feed | None = session.get(Feed, (who.tenant, who.owner))
        if row is not None:
            session.expunge(row)
    return row


def subscribe(who: Visitor, found: Iterable[Wait]) -> str:
    """A feed for the reader instead of the one before, whose address is void now; returns the new one's secret."""
    secret = handed_out(who.tenant)
    with who.session() as session:
        now = session.clock.now()
        row = session.get(Feed, (who.tenant, who.owner))
        if row is None:
            row = Feed(owner=who.owner, created_at=now)
            session.add(row)
        row.secret_hash, row.kept_at, row.created_at = hashed(secret), now, now
        row.events = [*events_of(found), *booked(who)]
    return secret


def unsubscribe(who: Visitor) -> None:
    """Its address is void."""
    with who.session() as session:
        row = session.get(Feed, (who.tenant, who.owner))
        if row is not None:
            session.delete(row)


def keep_current(who: Visitor, found: Iterable[Wait]) -> None:
    """The reader has just seen what is due: so does their feed, if they have one."""
    with who.session() as session:
        row = session.get(Feed, (who.tenant, who.owner))
        if row is not None:
            row.events, row.kept_at = [*events_of(found), *booked(who)], session.clock.now()


def events_behind(secret: str) -> tuple[Sequence[Event], datetime]:
    """What the feed of this address says, and since when; raises LookupError for no feed's."""
    tenant = tenant_of(secret)
    if tenant is None:
        raise LookupError
    with session_of(tenant, "feed") as session:
        row = session.scalars(select(Feed).where(Feed.secret_hash == hashed(secret))).one_or_none()
        if row is None:
            raise LookupError
        now = session.clock.now()
        if now - row.kept_at <= STALE:
            return row.events, row.kept_at
    said = t("请登录协同平台,更新期限日历", "Sign in to Xietong: this calendar is out of date")
    return [{"uid": "stale", "day": str(day_of(now)), "title": said, "url": "/console/calendar"}], now


def written(events: Iterable[Event], *, at: datetime) -> bytes:
    """An iCalendar file; an event takes the whole of its day, or the time that was booked."""
    site = database().settings.issuer
    name = t("协同平台期限", "Xietong: due dates")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Xietong//Console//ZH", f"X-WR-CALNAME:{escaped(name)}",
             "REFRESH-INTERVAL;VALUE=DURATION:PT6H"]  # fmt: skip
    for one in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one['uid']}@{urlsplit(site).hostname}",
            f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
            *_times(one),
            f"SUMMARY:{escaped(one['title'])}",
            *([f"URL:{site}{one['url']}"] if one["url"] else []),
            "END:VEVENT",
        ]
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _times(event: Event) -> list[str]:
    """When it is; a day on which something is due keeps nobody from other work, a booked time does."""
    if "day" in event:
        day = given_day(event["day"])
        return [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
                "TRANSP:TRANSPARENT"]  # fmt: skip
    starts, ends = (read_moment(event[name]).astimezone(UTC) for name in ("starts_at", "ends_at"))
    return [f"DTSTART:{starts:%Y%m%dT%H%M%SZ}", f"DTEND:{ends:%Y%m%dT%H%M%SZ}", "TRANSP:OPAQUE"]


def escaped(text: str) -> str:
    """A text as a property holds it."""
    return "".join(ESCAPES.get(character, character) for character in text)


def folded(line: str) -> str:
    """Over several lines where it is longer than one may be; no character is cut apart."""
    parts: list[str] = []
    part = ""
    for character in line:
        # A line that goes on begins with a space, which counts.
        if len((part + character).encode()) > LONGEST_LINE - bool(parts):
            parts.append(part)
            part = ""
        part += character
    return "\r\n ".join([*parts, part])
