"""Notifications: what others have changed and what has newly come to be done, read or not, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.calling.visits import Visitor
from services.console.kit.areas import area_of, kind_said
from services.console.kit.changes import Change, changes
from services.console.kit.keeping import preference, remember
from services.console.kit.presence import AT_FIRST
from services.console.kit.values import Values
from services.console.kit.work import Wait, waits
from shared.core.calendar import read_moment
from shared.http.requests.gate import database
from shared.pages.languages import t

BELL = "bell"
"""What is remembered: `read`, until when all is read; `last`, the last number; for each channel the kinds not told."""
CHANNELS: Mapping[str, str] = {"bell": "hidden", "digest": "undigested"}
"""The bell with its list, and the digest: under which name is remembered what is not told there."""
WORK = "work"
"""Stands for work that has newly come, beside the kinds of things."""
MENTION = "mention"
"""Stands for what a colleague wants the reader to see."""
MOST = 100
MOST_DIGESTED = 500


@dataclass(frozen=True)
class Told:
    """One notification, of a thing."""

    thing: str
    kind: str
    what: str
    name: str
    url: str
    at: str
    tenant: Mapping[str, Any] | None
    is_new: bool

    @property
    def kind_said(self) -> str:
        """What its kind is called."""
        return kind_title(self.kind)

    @property
    def is_work(self) -> bool:
        return self.kind == WORK


def kind_title(kind: str) -> str:
    """What people call a kind of notifications."""
    if kind in (WORK, MENTION):
        return t("新的待办", "New work") if kind == WORK else t("同事提及", "Mentions")
    return kind_said(kind) or t("其他", "Other")


def read_until(who: Visitor) -> str:
    """Since when notifications are unread; at first those of two weeks are."""
    kept = preference(who, BELL).get("read")
    return str(kept) if kept else (database().clock.now() - AT_FIRST).isoformat()


def silenced(who: Visitor, channel: str) -> frozenset[str]:
    """Kinds of which the reader wants to know nothing by this channel."""
    return frozenset(preference(who, BELL).get(CHANNELS[channel], ()))


def notifications(who: Visitor, *, since: str = "", most: int = MOST) -> list[Told]:
    """The newest, work and changes together, of all kinds; `since` a moment, or of the last two weeks."""
    read = read_until(who)
    since = since or min(read, (database().clock.now() - AT_FIRST).isoformat())
    found: list[Told] = []
    asked: dict[str, Any] = {"since": since, "by_others": "true", "limit": MOST}
    page = changes(who, **asked)
    while True:
        found += [_of_change(one, read) for one in page.items]
        if page.following is None or len(found) >= most:
            break
        page = changes(who, **asked, cursor=page.following)
    come, _ = waits(who, whose="me", updated_since=since, limit=MOST)
    found += [_of_wait(one, read) for one in come if is_after(one.row["since"], since)]
    if who.may("requests:write"):
        body = who.api.get("/v1/mentions", updated_since=since, sort="-created_at", limit=MOST).body
        values = Values(body.get("names", {}))
        found += [_of_mention(one, values, read=read) for one in body["items"] if is_after(one["created_at"], since)]
    return sorted(found, key=lambda one: read_moment(one.at), reverse=True)


def _of_change(one: Change, read: str) -> Told:
    at = one.row["recorded_at"]
    return Told(
        str(one.row["id"]), str(one.row["kind"]), one.what, one.name, one.url, at, one.tenant, is_after(at, read)
    )


def _of_wait(one: Wait, read: str) -> Told:
    at = one.row["since"]
    return Told(str(one.row["id"]), WORK, one.what, one.name, one.url, at, None, is_after(at, read))


def _of_mention(row: Mapping[str, Any], values: Values, *, read: str) -> Told:
    area, key, at = area_of("case"), str(row["case"]), str(row["created_at"])
    what = t("有同事提到您", "a colleague mentions you")
    url = "" if area is None else area.url({"id": key})
    return Told(key, MENTION, what, values.name(key), url, at, None, is_after(at, read))


def is_after(moment: str, other: str) -> bool:
    """Both as the API writes moments, which may differ in their fractions."""
    return read_moment(moment) > read_moment(other)


def unread(who: Visitor) -> int:
    """How many are new; remembered, so that pages show the number before they have asked again."""
    silent = silenced(who, "bell")
    number = sum(one.is_new and one.kind not in silent for one in notifications(who, since=read_until(who)))
    kept = preference(who, BELL)
    if kept.get("last", 0) != number:
        remember(who, BELL, value={**kept, "last": number})
    return number


def mark_read(who: Visitor, until: str) -> None:
    """All that the page showed is read, but not what has come since."""
    remember(who, BELL, value={**preference(who, BELL), "read": until, "last": 0})


def choose_kinds(who: Visitor, silent: Mapping[str, Sequence[str]]) -> None:
    """Of which kinds nothing is told, by channel."""
    kept = {CHANNELS[channel]: sorted(kinds)[:MOST] for channel, kinds in silent.items()}
    remember(who, BELL, value={**preference(who, BELL), **kept})
