"""Since when things are new to somebody: since their last visit, which ends with an hour's absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.console.calling.visits import Visitor
from services.console.kit.keeping import preference, remember
from shared.core.calendar import read_moment
from shared.http.requests.gate import database

ABSENCE = timedelta(hours=1)
WRITTEN = timedelta(minutes=5)
"""So often it is written down that somebody is still here."""
AT_FIRST = timedelta(days=14)
"""What is shown as new to somebody who comes for the first time."""
NAME = "presence"


@dataclass(frozen=True)
class Since:
    """Since when things are new to somebody, as the API writes moments; at first that is no visit's end."""

    at: str
    is_first: bool


def be_here(who: Visitor) -> Since:
    """Write down that somebody is here; returns since when things are new to them."""
    now, kept = database().clock.now(), preference(who, NAME)
    seen = read_moment(kept["seen"]) if kept else now - AT_FIRST
    goes_on = bool(kept) and now - seen < ABSENCE
    since = Since(kept["since"] if goes_on else seen.isoformat(), kept.get("first", False) if goes_on else not kept)
    if not kept or now - seen >= WRITTEN:
        remember(who, NAME, value={"seen": now.isoformat(), "since": since.at, "first": since.is_first})
    return since
