"""Somebody who follows every link of the console, one page of each sort, and what each page is made of."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import cached_property
from gzip import compress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.builders.consoles import Desk

SAME = 1
"""So many things of one sort are looked at: they may be in different states."""
Kind = tuple[str, ...]
"""A sort of pages: the route, and whatever does not say which thing."""
UNSHOWN = ("script", "style", "title")
VOID = ("hidden", "submit", "button", "image", "reset")


class Page(HTMLParser):
    """What a page is made of, as far as tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.posts: list[str] = []
        """Where its forms are sent to."""
        self.loads: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.lang = self.title = ""
        self.headings = 0
        self._inside: list[str] = []
        self._fields: list[dict[str, str]] = []
        self._labelled: set[str] = set()
        self._ids: Counter[str] = Counter()
        self.feed(text)
        self._judge()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside.append(tag)
        self.faults += [f"{name} on <{tag}>" for name in given if name == "style" or name.startswith("on")]
        self.headings += tag == "h1"
        self.lang = given.get("lang", "") if tag == "html" else self.lang
        self._ids.update([given["id"]] if given.get("id") else [])
        if tag in ("script", "style") and not given.get("src"):
            self.faults.append(f"inline <{tag}>")
        elif tag == "label":
            self._labelled.add(given.get("for", ""))
        elif tag in ("input", "select", "textarea") and given.get("type") not in VOID:
            self._fields.append({**given, "tag": tag, "within": "label" if "label" in self._inside[:-1] else ""})
        self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            place = given.get("action", "")
            self.posts += [place] if given.get("method", "").lower() == "post" else []
        elif tag in ("script", "link", "img", "use"):
            self.loads += [given[name] for name in ("src", "href") if given.get(name)]
        self.words += [given[name] for name in ("aria-label", "placeholder", "title", "data-name") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside == "title" and "svg" not in self._inside:
            self.title += data
        if data.strip() and inside not in UNSHOWN:
            self.words.append(data.strip())

    def _judge(self) -> None:
        self.faults += [f"id {name} twice" for name, number in self._ids.items() if number > 1]
        self.faults += [] if self.headings == 1 else [f"{self.headings} h1"]
        self.faults += [] if self.title.strip(" –") else ["no title"]
        self.faults += [f"{self.title} names nothing"] if self.title.startswith("–") else []
        for one in self._fields:
            named = one["within"] or one.get("aria-label") or one.get("aria-labelledby")
            if not named and one.get("id", "-") not in self._labelled:
                self.faults.append(f"<{one['tag']} name={one.get('name')}> without a label")


@dataclass
class Seen:
    """One page as somebody got it."""

    url: str
    kind: Kind
    status: int
    seconds: float
    shown_on: str
    page: Page | None = field(default=None, repr=False)
    packed: int = 0
    """Its bytes as they are sent compressed."""
    onward: str = ""
    """Where it leads to by itself."""

    @property
    def area(self) -> str:
        """The first part of its address after `/console`."""
        return [*urlsplit(self.url).path.split("/"), "", ""][2]


@dataclass
class Walk:
    """All that somebody finds by links alone, from where they begin."""

    desk: Desk
    known: set[Kind] = field(default_factory=set)
    """Sorts of pages that need not be looked at again."""
    seen: list[Seen] = field(default_factory=list)

    @cached_property
    def _rules(self) -> Any:
        return self.desk.cell.app.url_map.bind("localhost")

    def kind_of(self, url: str) -> Kind:
        """What sort of page it is: the route, and whatever does not say which thing; () where there is none."""
        parts = urlsplit(url)
        try:
            rule, given = self._rules.match(parts.path, method="GET", return_rule=True)
        except RequestRedirect as moved:
            return self.kind_of(moved.new_url)
        except HTTPException:
            return ()
        which = [f"{name}={given[name]}" for name in ("name", "action", "way", "operation") if name in given]
        asked = {} if "form" in given else dict(parse_qsl(parts.query))
        which += [f"{name}={asked[name] if name == 'tab' else ''}" for name in sorted(asked)]
        return (rule.rule, *which)

    def go(self, *begin: str) -> Walk:
        """Every page that can be reached, `SAME` of each sort of thing and one of everything else."""
        waiting = deque((url, "") for url in begin)
        asked, counts = set[str](), Counter[Kind]()
        while waiting:
            url, shown_on = waiting.popleft()
            url = url.partition("#")[0]
            kind = self.kind_of(url)
            most = SAME if kind and kind[0].endswith("<path:key>") else 1
            if url in asked or counts[kind] >= most or kind in self.known or not _is_ours(url):
                continue
            asked.add(url)
            counts[kind] += 1
            found = self.look(url, kind=kind, shown_on=shown_on)
            if found.page is not None and found.status < 400:
                waiting.extend((link, url) for link in found.page.links)
            waiting.extend((onward, url) for onward in filter(None, [found.onward]))
        return self

    def look(self, url: str, *, kind: Kind, shown_on: str) -> Seen:
        """Get the page."""
        began = time.perf_counter()
        answer = self.desk.get(url)
        took = time.perf_counter() - began
        onward = answer.headers.get("Location", "")
        # What scripts put into a page, or choose from, is none.
        is_page = not onward and answer.mimetype == "text/html" and answer.text.startswith("<!doctype")
        found = Seen(url, kind, answer.status_code, took, shown_on, onward=onward)
        if is_page:
            found.page, found.packed = Page(answer.text), len(compress(answer.data, 6))
        answer.close()
        self.seen.append(found)
        return found


def _is_ours(url: str) -> bool:
    """Within the console; language links only lead to the same page again."""
    path = urlsplit(url).path
    return path.startswith("/console") and "lang=" not in url and path != "/console/signin"
