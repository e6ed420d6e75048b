"""Valid time: the periods of a thing's life, each with its state, as its home says them today.

A state document carries all its periods, future ones too, so one version answers for every moment (valid time), and
the versions received until then say what was known (transaction time; Snodgrass, Developing Time-Oriented Database
Applications). What a person did by mistake is undone from the journal (`shared.evidence.undoing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from events.canonical import Json, instant
from shared.core.calendar import read_moment

Period = Mapping[str, Json]
"""`{"state": str, "from": instant}`; it lasts until the next one begins. `over` are the periods that it replaced."""


def state_at(periods: Sequence[Period], moment: datetime) -> str | None:
    """The state at this moment; None before the first period."""
    begun = [period for period in periods if read_moment(period["from"]) <= moment]
    return str(begun[-1]["state"]) if begun else None


def next_start(periods: Sequence[Period], moment: datetime) -> datetime | None:
    """When the next period after this moment begins."""
    starts = (read_moment(period["from"]) for period in periods)
    return next((start for start in starts if start > moment), None)


def first_start(periods: Sequence[Period], state: str) -> datetime | None:
    """When the first period with this state begins, or began; None where none does."""
    return next((read_moment(period["from"]) for period in periods if period["state"] == state), None)


def with_period(periods: Sequence[Period], state: str, *, since: datetime) -> list[dict[str, Json]]:
    """The periods with `state` from `since` on, whatever was said of the time after it."""
    kept = [dict(period) for period in periods if read_moment(period["from"]) < since]
    over = [dict(period) for period in periods[len(kept) :]]
    if kept and kept[-1]["state"] == state:
        return kept
    # Kept, for when this is taken out again: what was dropped was true.
    return [*kept, {"state": state, "from": instant(since), **({"over": over} if over else {})}]


def without(periods: Sequence[Period], state: str) -> list[dict[str, Json]]:
    """As if no period with this state had ever begun: those it took the place of are there again."""
    parts = [period.get("over", []) if period["state"] == state else [period] for period in periods]
    return [dict(period) for part in parts for period in part]


def without_last(periods: Sequence[Period]) -> list[dict[str, Json]]:
    """As if the last period had never begun: the ones before go on, and those it took the place of are there again."""
    if len(periods) < 2:
        raise ValueError("the first period cannot be taken out")
    return [dict(period) for period in (*periods[:-1], *periods[-1].get("over", ()))]
