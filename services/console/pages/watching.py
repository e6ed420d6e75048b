"""What the script of an open page asks: whether something has happened since, and what."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.console.calling.visits import Visitor
from services.console.kit.watching import News, latest_of_all, news_of
from services.console.pages.frame import area_named, opens, render


@opens("/console/now")
def show_news_of_all(who: Visitor) -> Any:
    """Of anything that the reader may read."""
    return told(who, latest_of_all(who))


@opens("/console/<string:name>/<path:key>/now")
def show_news(who: Visitor, name: str, *, key: str) -> Any:
    """Of one thing and its parts."""
    area = area_named(who, name)
    if area.showing is None:
        raise LookupError(name)
    return told(who, news_of(who.api, area, key=key, known=known()))


def known() -> str:
    """The version that the page has; '' where it says none."""
    return next(iter(request.if_none_match.as_set()), "")


def told(who: Visitor, news: News) -> Any:
    """A note for the page; nothing while its version is still the last one."""
    response = Response(status=304) if news.version == known() else render(who, "changed.html", news=news)
    response.headers["ETag"] = f'"{news.version}"'
    return response
