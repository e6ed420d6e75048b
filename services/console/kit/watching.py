"""What an open page shows has a version, which its script asks for now and then: so it notices what others do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.console.calling.visits import Visitor
from services.console.kit.areas import Area
from services.console.kit.changes import changes
from services.console.kit.things import Thing, history_of, thing
from services.console.kit.values import Values
from shared.pages.asking import Api, RefusedByApiError
from shared.pages.languages import t

HASH = 16
"""So much of an entry's hash tells it from every other one of the same thing."""


@dataclass(frozen=True)
class News:
    """What happened last: the line of a timeline, None where none is known."""

    version: str
    """Another one for whatever happens; '' where nobody can say whether something did."""
    row: Mapping[str, Any] | None = None
    values: Values = field(default_factory=Values)

    @property
    def what(self) -> str:
        """What happened; '' where that is not known."""
        return t(self.row["summary"]["zh"], self.row["summary"]["en"]) if self.row else ""

    @property
    def by(self) -> str:
        """What the jurisdiction is called that did it."""
        return self.values.name(str(self.row["actor"]["tenant"])) if self.row else ""


@dataclass(frozen=True)
class Watch:
    """What a page says of itself, so that it can notice that it is out of date."""

    url: str
    """Answers 304 as long as the version is the page's."""
    version: str
    is_form: bool = False
    """Whether somebody types there: it says what happened and changes nothing."""


def watched(api: Api, area: Area, *, key: str) -> Thing:
    """A thing with its version, which is asked for first: what happens while it is read is news to its page."""
    if area.showing is None or area.is_single:
        return thing(api, area, key=key)
    news = latest(api, area, key=key)
    found = thing(api, area, key=key)
    return replace(found, version=news.version if news else found.etag.strip('"'))


def watch_of(found: Thing, *, is_form: bool = False) -> Watch | None:
    """That of a thing's page or form; None for one that nothing more is heard of."""
    return Watch(f"{found.place}/now", found.version, is_form) if found.version else None


def watch_of_all(who: Visitor, *, url: str) -> Watch | None:
    """That of a page about everything that the reader may read."""
    version = latest_of_all(who).version
    return Watch(url, version) if version else None


def news_of(api: Api, area: Area, *, key: str, known: str) -> News:
    """What happened last to a thing; the API shows one without a timeline only if it is no longer as `known`."""
    asked = {"If-None-Match": f'"{known}"'}
    return latest(api, area, key=key) or News(api.send("GET", area.api(key), headers=asked).etag.strip('"'))


def latest(api: Api, area: Area, *, key: str) -> News | None:
    """What stands last in the timeline of a thing, or of that which it is a part of; None where none is kept here."""
    whole, its_key = area.whole, key.split("/", maxsplit=1)[0] if area.within else key
    if history_of(whole, "timeline") is None:
        return None
    try:
        body = api.get(f"{whole.api(its_key)}/timeline", limit=1).body
    except RefusedByApiError:
        # Of what is known from a register alone no journal is kept here.
        return None
    for row in body["items"]:
        return News(row["entry_hash"].removeprefix("sha256:")[:HASH], row, Values(body.get("names", {})))
    return None


def latest_of_all(who: Visitor) -> News:
    """Of anything that the reader may read."""
    if not who.may("work:read"):
        return News("")
    for one in changes(who, limit=1).items:
        return News(f"{one.row['id']}-{one.row['epoch']}.{one.row['version']}", one.row, one.values)
    return News("-")
