"""The same done to many things: each by itself, with a result for each, so that what failed can be tried again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.calling.description import Operation
from services.console.calling.visits import Visitor
from services.console.kit.areas import Area
from services.console.kit.lists import Asked
from services.console.kit.sending import send
from services.console.kit.things import thing
from shared.pages.asking import RefusedByApiError, pages_of
from shared.pages.languages import t

MOST = 200
"""Things that are done at once; of more the rest is left, and the page says so."""
LONGEST = 20.0
"""Seconds that one press may take; what is left is tried with the next."""
PLAIN = ("text", "lines", "flag", "date", "choice")
STOPS = (401, 429, 503)
"""After these the others would be refused, too."""


@dataclass(frozen=True)
class Outcome:
    """What became of one of the things."""

    key: str
    name: str
    url: str
    is_done: bool
    said: str


def bulk_acts(who: Visitor, area: Area) -> dict[str, Operation]:
    """What may be done to many of the area's things at once: what asks for little, and for each the same."""
    if area.showing is None or area.is_single:
        return {}
    return {
        name: one
        for name, one in area.acting.items()
        if one.method == "POST"
        and who.may(one.scope)
        and one.draft is not None
        and all(field.type in PLAIN and not field.identifier for field in one.draft.fields)
        and len(one.draft.fields) <= 2
        and name not in area.picks
        and not one.once
        and not one.scope.endswith(":sign")
    }


def chosen(who: Visitor, asked: Asked, *, keys: Sequence[str], is_all: bool) -> list[str]:
    """The keys of those that were ticked, or of all that the list's filters leave, `MOST` of them."""
    if not is_all:
        return list(dict.fromkeys(keys))[:MOST]
    rows = pages_of(who.api, asked.area.path, most=MOST, **asked.filters, sort=asked.sort or None)
    return [asked.area.key(row) for row in rows]


def done_to_each(
    who: Visitor, area: Area, *, action: str, keys: Sequence[str], sent: Mapping[str, Any]
) -> list[Outcome]:
    """One after the other; `sent` are `document` and `once`, so that pressing twice does nothing twice."""
    found: list[Outcome] = []
    stopped, until = "", time.monotonic() + LONGEST
    for key in keys:
        if time.monotonic() > until:
            stopped = stopped or t("还没有办理:请再试一次。", "Not tried yet: try once more.")
        if stopped:
            found.append(Outcome(key, key, f"/console/{area.name}/{key}", is_done=False, said=stopped))
            continue
        outcome, status = done_to_one(who, area, action=action, key=key, sent=sent)
        found.append(outcome)
        stopped = outcome.said if status in STOPS else ""
    return found


def done_to_one(who: Visitor, area: Area, *, action: str, key: str, sent: Mapping[str, Any]) -> tuple[Outcome, int]:
    """What became of it, and the status of the API's answer."""
    name, url = key, f"/console/{area.name}/{key}"
    try:
        one = thing(who.api, area, key=key)
        name = area.said(one.document)
        if action not in one.document.get("allowed_actions", ()):
            said = t("现在不能办理:它的状态不允许。", "Not possible now: its state does not allow it.")
            return Outcome(key, name, url, is_done=False, said=said), 409
        terms = {"once": f"{sent['once']}-{key}", "etag": one.etag, "wait": "0"}
        path = area.api(key, path=area.acting[action].path)
        answer = send(who.api, area.acting[action], path=path, document=sent["document"], terms=terms)
    except RefusedByApiError as error:
        return Outcome(key, name, url, is_done=False, said=t(error.zh, error.en)), error.status
    except LookupError:
        return Outcome(key, name, url, is_done=False, said=t("没有这一项。", "There is no such thing.")), 404
    waits = t("已送对方,等待答复", "sent to the other side, waits for its answer")
    said = waits if answer.command else t("已完成", "done")
    return Outcome(key, name, url, is_done=True, said=said), answer.answer.status
