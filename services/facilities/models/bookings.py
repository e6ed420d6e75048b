"""Bookings, and the owner's slots and waiting list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from events.entry import Entry
from services.facilities.domain.booking import BOOKING_LIFECYCLE, check_follows, commands_behind
from services.facilities.domain.facility import DECIDE
from services.facilities.models.facilities import SCHEMA
from shared.database.rows import Aggregate, TenantRow, aggregate
from shared.rules.duties import Duty, Wait, Work
from shared.rules.signed_commands import Commands

APPROVE = Duty("approve", "审批预约", "Decide on the booking", DECIDE)
HELD, WAITING = "held", "waiting"


@aggregate
class Booking(Aggregate):
    """A time for which somebody asks; home is the tenant that books, party the owner, who alone decides.

    `organisation_id` is for whom it is, None where it is for the tenant itself. With `waits` it goes to the waiting
    list where the time is taken. `because` says why nothing came of it, `reason_digest` names the text of the latest
    refusal or cancellation. `name_zh` and `name_en` are what is booked, as it was called then.
    """

    __tablename__ = "bookings"
    __table_args__ = SCHEMA
    kind = "facilities.booking"
    called = "预约 / booking"
    duties = (APPROVE,)
    guarded = True

    facility_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    people: Mapped[int]
    purpose: Mapped[str]
    waits: Mapped[bool]
    state: Mapped[str]
    because: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    check_in: Mapped[bool]
    arrived_at: Mapped[datetime | None]
    used_hours: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    reason_digest: Mapped[str | None]

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """What its owner does, the owner says itself."""
        return commands_behind(entry, state)

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """Whoever booked says nothing in the owner's stead."""
        del here
        check_follows(entry, state, before=before)

    @classmethod
    def keeps_parties(cls, state: Mapping[str, Json]) -> bool:
        """The owner hears of it to its end."""
        return bool(BOOKING_LIFECYCLE.actions(state["state"]))

    def work(self, _beside: Any) -> Work:
        """What is held waits for the owner, until it begins."""
        waits = []
        if self.state == "held":
            waits.append(
                Wait(
                    duty=APPROVE,
                    parties=[self.owner_id],
                    since=self.updated_at,
                    due=self.starts_at,
                    organisation=self.organisation_id,
                )
            )
        name_en = f"Booking of {self.name_en or self.name_zh}"
        return Work(name_zh=f"{self.name_zh}的预约", name_en=name_en, url=f"/v1/bookings/{self.id}", waits=waits)


class Slot(TenantRow):
    """At the owner: the time of a booking, `held` for it or `waiting`; PostgreSQL lets no two that are held overlap."""

    __tablename__ = "slots"
    __table_args__ = SCHEMA
    called = "时段 / slot"

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    facility_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str]
    since: Mapped[datetime]
