"""What a party checks of its home's word before it takes a new version over.

A home orders what happens, but speaks for itself alone: what another tenant signed, refused or withdrew counts only
with the command of that tenant, and what all have signed stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from events.canonical import Json
from events.entry import Entry
from shared.core.calendar import read_day, start_of
from shared.rules.lifecycle import Lifecycle

CLOCK_SKEW = timedelta(minutes=10)
"""By how much the clocks of two cells may differ."""
State = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an entry says of how it came about: `event` happened as `by` acted, which asked `home` for it by `command`.

    `event` is the verb of the event's name. `command` is the name of a command that was given on just this aggregate,
    None where there was none: what a tenant asked for elsewhere says nothing here.
    """

    event: str
    by: str
    home: str
    at: datetime
    command: str | None
    change: Mapping[str, Json]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The claim of an entry, as its home signed it."""
        asked = {} if entry.command is None else entry.command["document"]
        return cls(
            event=entry.type.split(".")[2],
            by=str(entry.actor.tenant),
            home=str(entry.home),
            at=entry.occurred_at,
            command=asked["name"] if asked.get("aggregate") == str(entry.aggregate) else None,
            change=entry.change,
        )


def check_step(lifecycle: Lifecycle, before: str, *, after: str) -> None:
    """Raises ValueError where no step of the lifecycle leads from one state to the other."""
    if not lifecycle.leads(before, after):
        raise ValueError(f"what was {before} is said to be {after}")


def check_revision(
    claim: Claim, after: State, *, before: State | None, lifecycle: Lifecycle, signers: Collection[UUID]
) -> None:
    """Raises ValueError where a home says of a revision what does not follow from before and from who has signed.

    It holds when all `signers` have signed, in force on its day, and its content and signatures stay from then on.
    """
    if before is not None:
        check_step(lifecycle, before["state"], after=after["state"])
    if before is not None and before["state"] != "proposed":
        if any(after[name] != before[name] for name in ("content_hash", "signatures")):
            raise ValueError("what all have signed was changed")
    elif after["state"] not in ("proposed", "withdrawn", "refused") and {str(tenant) for tenant in signers} - _signers(
        after
    ):
        raise ValueError("it is said to hold, and not all have signed")
    if before is not None and before["state"] == "proposed":
        proposer, by = after["proposer"], claim.by
        if after["state"] == "withdrawn" and (by != proposer or _signers(before) - {proposer}):
            raise ValueError("it is said to be withdrawn, and not by whoever proposed it before others had signed")
        if after["state"] == "refused" and (after["refused_by"] != by or by == proposer):
            raise ValueError("it is said to be refused by one who did not")
    if after["state"] == "in_force" and claim.at + CLOCK_SKEW < start_of(read_day(after["effective_from"])):
        raise ValueError("it is said to be in force before its day")


def _signers(state: State) -> set[str]:
    return {signature["tenant"] for signature in state["signatures"]}
