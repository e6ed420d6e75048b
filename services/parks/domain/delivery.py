"""What is known of a version at a party: applied, on its way, or stuck there."""

from __future__ import annotations

STATUSES = ("applied", "waiting", "held", "parked")
Position = tuple[int, int]
"""(epoch, version)."""


def delivery_status(wanted: Position, *, reached: Position | None, standing: str) -> str:
    """What became of the version `wanted` at a party that last said it `reached` one and how it stands."""
    if reached is not None and reached >= wanted:
        return "applied"
    return standing if standing in ("held", "parked") else "waiting"


def lag(wanted: Position, *, reached: Position | None) -> int:
    """How many versions a party lacks; after a restore (a new epoch) all of them."""
    if reached is None or reached[0] < wanted[0]:
        return wanted[1]
    return max(wanted[1] - reached[1], 0)
