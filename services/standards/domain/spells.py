"""Valid time: which state a thing had at a moment, as its home says it today.

A state document carries all its spells, so one version answers for every moment (valid time), and the versions
received until then say what was known (transaction time; Snodgrass, Developing Time-Oriented Database Applications).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from events.canonical import Json, instant
from shared.core.calendar import read_moment
from shared.core.errors import ConflictError

Spell = Mapping[str, Json]
"""`{"state": str, "from": instant}`; it lasts until the next one begins. `over` are the spells it took the place of."""


def state_at(spells: Sequence[Spell], moment: datetime) -> str | None:
    """The state at this moment; None before the first spell."""
    begun = [spell for spell in spells if read_moment(spell["from"]) <= moment]
    return str(begun[-1]["state"]) if begun else None


def begun(spells: Sequence[Spell], state: str, *, since: datetime) -> list[dict[str, Json]]:
    """The spells with `state` from `since` on, whatever was said of the time after it."""
    kept = [dict(spell) for spell in spells if read_moment(spell["from"]) < since]
    over = [dict(spell) for spell in spells[len(kept) :]]
    if kept and kept[-1]["state"] == state:
        return kept
    # Kept, for when this turns out to be a mistake: what was dropped was true.
    return [*kept, {"state": state, "from": instant(since), **({"over": over} if over else {})}]


def mended(spells: Sequence[Spell]) -> list[dict[str, Json]]:
    """As if the last spell had never begun: the ones before go on, and those it took the place of are there again."""
    if len(spells) < 2:
        raise ValueError("the first spell cannot be undone")
    return [dict(spell) for spell in (*spells[:-1], *spells[-1].get("over", ()))]


def can_correct(spells: Sequence[Spell]) -> bool:
    """Whether an act of a person may be the mistake: what just expired had none, unless it was suspended then."""
    return spells[-1]["state"] != "expired" or (len(spells) > 1 and spells[-2]["state"] == "suspended")


def check_correctable(spells: Sequence[Spell]) -> None:
    """Raises `ConflictError`."""
    if not can_correct(spells):
        raise ConflictError(
            "nothing_to_restore",
            "它因期满失效,期满前未被暂停,没有可更正的决定。需要延续的,请颁发新证书,或扩大机构的认可范围。",
            "Its term ended while it was not suspended, so no decision can be corrected. To go on, issue a new "
            "certificate, or extend the body's scope.",
        )
