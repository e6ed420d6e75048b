"""What the parties of a park verify of its home, which orders what happens, but speaks for itself alone.

Whoever has agreed has asked for it itself; a park ends, and works again, only as all have agreed.
"""

from __future__ import annotations

from collections.abc import Mapping

from events.canonical import Json
from services.parks.domain.dissolving import day_set
from services.parks.domain.park import NEEDS_ALL, PARK_LIFECYCLE, tenants
from shared.core.calendar import start_of
from shared.countersigned.verifying import CLOCK_SKEW, Claim, State, check_step

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


def check_asked(event: str, document: Mapping[str, Json], *, state: State) -> None:
    """Raises ValueError unless the command is one that brings this about, for the very day that the state names."""
    action = str(document["name"]).removeprefix("parks.park.")
    if action not in COMMANDS[event]:
        raise ValueError(f"{document['from']} asked for {action}, not for what is said")
    if action == "dissolve" and document["params"]["dissolves_on"] != state["dissolution"]["dissolves_on"]:
        raise ValueError(f"{document['from']} agreed to another day")


def check_next(claim: Claim, after: State, *, before: State | None) -> None:
    """Raises ValueError where a home says what does not follow from before and from what was asked for."""
    parties = after["parties"]
    was = before or {"state": after["state"], "consents": {}, "dissolution": None}
    check_step(PARK_LIFECYCLE, was["state"], after=after["state"])
    _check_consents(claim, after, before=was)
    if before is None:
        return
    due, due_now = (day_set(one.get("dissolution"), one["consents"], parties=parties) for one in (before, after))
    others = set(tenants(parties)) - {claim.by}
    missing = {action: others - set(before["consents"].get(action, ())) for action in NEEDS_ALL}
    step = before["state"], after["state"]
    if after["state"] == "dissolved" != before["state"] and (due is None or claim.at + CLOCK_SKEW < start_of(due)):
        raise ValueError("the park is said to be dissolved, and its day has not come")
    if due is not None and due_now != due and missing["call_off"]:
        raise ValueError("a dissolution to which all agreed was taken back, and not by all")
    if step == ("suspended", "active") and missing["resume"]:
        raise ValueError("the park is said to be resumed, and not all have agreed")
    if step == ("draft", "withdrawn") and claim.by != claim.home:
        raise ValueError("a draft is withdrawn by whoever drafted it")


def _check_consents(claim: Claim, after: State, *, before: State) -> None:
    """Each tenant agrees for itself alone, and to a new day nobody has agreed but who proposes it."""
    for action in NEEDS_ALL:
        gained = set(after["consents"].get(action, ())) - set(before["consents"].get(action, ()))
        asked = claim.by == claim.home or claim.command == f"parks.park.{action}"
        if gained - {claim.by} or (gained and not (asked and claim.event in COMMANDS)):
            raise ValueError(f"it is said that {sorted(gained)} agreed to {action}, and they did not")
    is_new = after.get("dissolution") is not None and after["dissolution"] != before.get("dissolution")
    if is_new and set(after["consents"].get("dissolve", ())) - {claim.by}:
        raise ValueError("it is said that others agreed to a day that is new")
