"""What the parties of a park believe of its home, which orders what happens, but speaks for itself alone.

Whoever has agreed has asked for it itself; a park ends, and works again, only as all have agreed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from events.canonical import Json
from services.parks.domain.agreement import SKEW
from services.parks.domain.dissolving import day_set
from services.parks.domain.park import NEEDS_ALL, PARK_LIFECYCLE, tenants
from shared.core.calendar import start_of

Document = Mapping[str, Json]
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "suspended": ("suspend",),
    "consent_given": NEEDS_ALL,
    "resumed": ("resume",),
    "dissolution_proposed": ("dissolve",),
    "dissolution_started": ("dissolve",),
    "consent_withdrawn": ("call_off",),
    "dissolution_called_off": ("call_off",),
}
"""By event, by which commands another party than the home may have brought it about."""


@dataclass(frozen=True, kw_only=True)
class ParkChange:
    """An entry as its home signed it: `command` is the action that `by` asked for, None where it is the home."""

    name: str
    by: str
    home: str
    at: datetime
    command: str | None


def check_asked(name: str, document: Mapping[str, Json], *, state: Document) -> None:
    """Raises ValueError unless the command is one that brings this about, for the very day that the state names."""
    action = str(document["name"]).rpartition(".")[2]
    if action not in COMMANDS[name]:
        raise ValueError(f"{document['from']} asked for {action}, not for what is said")
    if action == "dissolve" and document["params"]["dissolves_on"] != state["dissolution"]["dissolves_on"]:
        raise ValueError(f"{document['from']} agreed to another day")


def check_next(change: ParkChange, after: Document, *, before: Document | None) -> None:
    """Raises ValueError where a home says what does not follow from before and from what was asked for."""
    was = before or {"state": after["state"], "parties": after["parties"], "consents": {}, "dissolution": None}
    if not PARK_LIFECYCLE.leads(was["state"], after["state"]):
        raise ValueError(f"what was {was['state']} is said to be {after['state']}")
    _check_consents(change, after, before=was)
    if before is not None:
        _check_ends(change, after, before=before)
        _check_steps(change, after, before=before)


def _check_consents(change: ParkChange, after: Document, *, before: Document) -> None:
    for action in NEEDS_ALL:
        gained = set(after["consents"].get(action, ())) - set(before["consents"].get(action, ()))
        asked = change.by == change.home or change.command == action
        if gained - {change.by} or (gained and not (asked and change.name in COMMANDS)):
            raise ValueError(f"it is said that {sorted(gained)} agreed to {action}, and they did not")
    is_new = after.get("dissolution") is not None and after["dissolution"] != before.get("dissolution")
    if is_new and set(after["consents"].get("dissolve", ())) - {change.by}:
        raise ValueError("it is said that others agreed to a day that is new")


def _check_ends(change: ParkChange, after: Document, *, before: Document) -> None:
    was, now = _day(before, parties=after), _day(after, parties=after)
    if after["state"] == "dissolved" != before["state"] and (was is None or change.at + SKEW < start_of(was)):
        raise ValueError("the park is said to be dissolved, and its day has not come")
    if was is not None and now != was and _missing(before, "call_off", by=change.by, parties=after):
        raise ValueError("a dissolution to which all agreed was taken back, and not by all")


def _check_steps(change: ParkChange, after: Document, *, before: Document) -> None:
    step = before["state"], after["state"]
    if step == ("suspended", "active") and _missing(before, "resume", by=change.by, parties=after):
        raise ValueError("the park is said to be resumed, and not all have agreed")
    if step == ("draft", "withdrawn") and change.by != change.home:
        raise ValueError("a draft is withdrawn by whoever drafted it")


def _day(state: Document, *, parties: Document) -> date | None:
    return day_set(state.get("dissolution"), state["consents"], parties=parties["parties"])


def _missing(before: Document, action: str, *, by: str, parties: Document) -> set[str]:
    return set(tenants(parties["parties"])) - {*before["consents"].get(action, ()), by}
