"""The digest of notifications: what came today, yesterday and earlier this week, counted by kind, and from whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from services.console.kit.notifications import Told, kind_title
from shared.core.calendar import day_of, read_moment
from shared.core.words import Pair
from shared.pages.languages import named, t


@dataclass(frozen=True)
class Counted:
    """What there is of one kind: how many things, and which jurisdictions did something to them, the busiest first."""

    kind: str
    things: int
    tenants: Sequence[str]
    url: str

    @property
    def said(self) -> str:
        """The kind and the number."""
        title = kind_title(self.kind)
        if self.kind == "work":
            return t(f"{title}:{self.things} 项", f"{title}: {self.things}")
        return t(f"{title}:{self.things} 项有变更", f"{title}: {self.things} changed")


@dataclass(frozen=True)
class Period:
    """Some days, from `first` to `last`, both included; a week begins on Monday."""

    name: str
    title: Pair
    first: date
    last: date

    def of(self, told: Iterable[Told]) -> list[Told]:
        """Those that came in it."""
        return [one for one in told if self.first <= day_of(read_moment(one.at)) <= self.last]

    def counted(self, told: Iterable[Told]) -> list[Counted]:
        """The same by kind, the most first; a thing that changed several times counts once."""
        kinds: dict[str, list[Told]] = defaultdict(list)
        for one in self.of(told):
            kinds[one.kind].append(one)
        return sorted((self._count(kind, found) for kind, found in kinds.items()), key=lambda one: -one.things)

    def _count(self, kind: str, found: Sequence[Told]) -> Counted:
        by = Counter(named(one.tenant["zh"], one.tenant["en"]) for one in found if one.tenant)
        url = f"/console/notifications?{urlencode({'kind': kind, 'period': self.name})}"
        return Counted(kind, len({one.thing for one in found}), [name for name, _number in by.most_common()], url)


def periods(today: date) -> Iterator[Period]:
    """Today, yesterday, and the days of this week before those, if there are any."""
    yesterday, monday = today - timedelta(days=1), today - timedelta(days=today.weekday())
    yield Period("today", Pair("今天", "Today"), today, today)
    yield Period("yesterday", Pair("昨天", "Yesterday"), yesterday, yesterday)
    if monday < yesterday:
        yield Period("week", Pair("本周更早", "Earlier this week"), monday, yesterday - timedelta(days=1))
