"""Facilities and their taken times, at home and in the registers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import aggregate_id
from services.facilities.domain.facility import FACILITY_LIFECYCLE
from shared.database.rows import KIND, Aggregate, Register, aggregate

SCHEMA = {"schema": "facilities"}


class FacilityRow(Register):
    """What every cell knows of facilities."""

    __tablename__ = "facilities_register"
    __table_args__ = SCHEMA

    tenant: Mapped[UUID] = mapped_column(Computed("(state->>'tenant')::uuid", persisted=True))
    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))
    name_zh: Mapped[str] = mapped_column(Computed("state->>'name_zh'", persisted=True))
    folded: Mapped[str] = mapped_column(
        Computed("shared.folded((state->>'name_zh') || ' ' || coalesce(state->>'name_en', ''))", persisted=True),
        deferred=True,
    )


@aggregate
class Facility(Aggregate):
    """An instrument, a line or a room that one tenant lends; nobody else is shown it before it is open.

    `hours` are as in `domain.hours`, `closed_days` are days as text. Booked by `open_to`, of all tenants or of those in
    `only_for`. `hourly_price` is None where it is free; with `check_in` who comes is noted, and whoever is
    not is a no-show.
    """

    __tablename__ = "facilities"
    __table_args__ = SCHEMA
    kind = "facilities.facility"
    called = "共享设施 / facility"
    register = FacilityRow
    home_column = "tenant"
    lifecycle = FACILITY_LIFECYCLE

    tenant: Mapped[UUID]
    state: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    facility_kind: Mapped[str] = mapped_column(info=KIND)
    place: Mapped[str]
    division: Mapped[str | None]
    capacity: Mapped[int]
    open_to: Mapped[list[str]]
    only_for: Mapped[list[UUID]]
    hours: Mapped[list[dict[str, Any]]]
    closed_days: Mapped[list[str]]
    slot_minutes: Mapped[int]
    most_slots: Mapped[int]
    days_ahead: Mapped[int]
    price_rule: Mapped[str | None]
    hourly_price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    approval: Mapped[str]
    check_in: Mapped[bool]
    reason_digest: Mapped[str | None]


class OccupancyRow(Register):
    """What every cell knows of taken times; only what the facility's own tenant says of it counts."""

    __tablename__ = "occupancy_register"
    __table_args__ = SCHEMA

    tenant: Mapped[UUID] = mapped_column(Computed("(state->>'tenant')::uuid", persisted=True))
    facility_id: Mapped[UUID] = mapped_column(Computed("(state->>'facility_id')::uuid", persisted=True))
    monday: Mapped[str] = mapped_column(Computed("state->>'monday'", persisted=True))


@aggregate
class Occupancy(Aggregate):
    """Which times of one week of a facility are taken, `{"starts_at", "ends_at"}`, and never by whom."""

    __tablename__ = "occupancy"
    __table_args__ = SCHEMA
    kind = "facilities.occupancy"
    untold = "it repeats what the booking's own change says"
    called = "占用时段 / taken times"
    register = OccupancyRow
    home_column = "tenant"

    tenant: Mapped[UUID]
    facility_id: Mapped[UUID]
    monday: Mapped[date]
    taken: Mapped[list[dict[str, Any]]]


def occupancy_nonce(facility: UUID, monday: date) -> str:
    """What makes the id of a week follow from facility and week."""
    return f"occupancy/{facility}/{monday}"


def occupancy_id(owner: UUID, facility: UUID, *, monday: date) -> UUID:
    """The id of a week of a facility, whether anything was ever taken in it or not."""
    return aggregate_id(owner, occupancy_nonce(facility, monday))
