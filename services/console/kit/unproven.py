"""A form that needs a second factor first: kept as it was sent, and sent by itself once its owner has given that.

The API refuses such a form with `second_factor_needed`. The browser goes to the code page and comes back to the form's
address with `finish=<key of the form>`. That key stood on the owner's own form, finishes it once and soon, and is its
`Idempotency-Key`: no other page can finish anything, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from services.console.calling.visits import Visitor
from services.console.kit.keeping import preference, remember
from shared.core.calendar import read_moment
from shared.http.requests.gate import database

NAME, FINISH = "unproven", "finish"
LARGEST = 20_000
"""Characters: what is remembered is read with every page, so that a larger form is sent by its button once more."""
FOR = timedelta(minutes=30)
"""So long it waits for the second factor."""


@dataclass(frozen=True)
class Unproven:
    """What was sent: the form's fields, and the terms with which it is sent (`once`, `etag`)."""

    fields: Mapping[str, str]
    terms: Mapping[str, str]
    is_whole: bool = True
    """Whether the fields were remembered, too: those of a large form are not."""


def keep_unproven(who: Visitor, place: str, *, sent: Unproven) -> str:
    """Keep it instead of the one before; returns the address that finishes it."""
    is_whole = sum(len(name) + len(value) for name, value in sent.fields.items()) <= LARGEST
    if sent.terms.get("once"):
        value = {"place": place, "at": database().clock.now().isoformat(), "terms": dict(sent.terms)}
        remember(who, NAME, value={**value, "fields": dict(sent.fields) if is_whole else {}, "is_whole": is_whole})
    return f"{place}?{urlencode({FINISH: sent.terms.get('once', '')})}"


def take_unproven(who: Visitor, place: str, *, once: str) -> Unproven | None:
    """What is to be finished at this address, which is then forgotten; None where nothing is, or no longer."""
    kept = preference(who, NAME)
    if not once or kept.get("place") != place or kept["terms"]["once"] != once:
        return None
    remember(who, NAME, value={})
    if read_moment(kept["at"]) < database().clock.now() - FOR:
        return None
    return Unproven(kept["fields"], kept["terms"], kept["is_whole"])
