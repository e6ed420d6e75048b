"""What one tenant or one organisation may not see or say of bookings, it does not see and cannot say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events import facilities as events
from services.facilities.models import Booking, Facility, Occupancy, OccupancyRow, Slot
from tests.builders.cell import Cell
from tests.facilities.builders import asked, booked, drafted, opened
from tests.organisations.builders import registered, representative


@pytest.mark.parametrize("kind", [Booking, Slot, Facility, Occupancy])
def test_the_database_shows_a_third_tenant_nothing(cell: Cell, sichuan: UUID, chongqing: UUID, kind: Any) -> None:
    booked(cell.client(chongqing), cell, asked(cell, opened(cell, sichuan)))
    third = cell.tenant("guizhou")
    with cell.session(sichuan) as session:
        assert session.scalars(select(kind)).all() != []
    with cell.session(third) as session:
        assert session.scalars(select(kind)).all() == []


def test_an_organisation_sees_its_own_bookings_alone_in_the_database(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    key = opened(cell, sichuan)
    ours, theirs = (registered(cell.client(chongqing))["id"] for _number in range(2))
    mine = booked(representative(cell, chongqing, organisation=ours), cell, asked(cell, key))
    booked(representative(cell, chongqing, organisation=theirs), cell, asked(cell, key, (10, 11)))
    booked(cell.client(chongqing), cell, asked(cell, key, (11, 12)))
    for tenant in (chongqing, sichuan):
        narrow = {"scope": "organisation", "organisation_id": UUID(ours)}
        with cell.session(tenant, **narrow) as session:
            assert [f"/v1/bookings/{row.id}" for row in session.scalars(select(Booking))] == [mine]
        with cell.session(tenant) as session:
            assert len(session.scalars(select(Booking)).all()) == 3


def test_an_organisations_people_see_no_draft_and_change_no_facility(cell: Cell, sichuan: UUID) -> None:
    key = drafted(cell, sichuan)
    cell.carry()
    person = representative(cell, sichuan, organisation=registered(cell.client(sichuan))["id"])
    for url in (f"/v1/facilities/{key}", f"/v1/facilities/{key}/week", f"/v1/facilities/{key}/timeline"):
        assert person.get(url).status_code == 404
    assert key not in [one["id"] for one in person.get("/v1/facilities").json["items"]]
    assert person.post(f"/v1/facilities/{key}/open").status_code == 403
    public = opened(cell, sichuan)
    assert person.get(f"/v1/facilities/{public}").json["allowed_actions"] == []
    assert person.get(f"/v1/facilities/{public}/usage").status_code == 403


def test_what_is_broadcast_says_which_times_are_taken_and_not_by_whom(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = booked(cell.client(chongqing), cell, asked(cell, opened(cell, sichuan), purpose="机密试验"))
    with cell.worker_database.cell_session() as session:
        rows = session.scalars(select(OccupancyRow).where(OccupancyRow.tenant == sichuan)).all()
    assert rows
    for row in rows:
        told = row.entry.decode() + str(row.state)
        assert [secret for secret in (str(chongqing), url.rpartition("/")[2], "机密试验") if secret in told] == []


def test_a_tenant_cannot_say_what_is_taken_of_another_ones_facility(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan)
    booked(cell.client(chongqing), cell, asked(cell, key))
    with cell.session(sichuan) as session:
        true = session.scalars(select(Occupancy)).one()
    with cell.session(chongqing) as session:
        terms = {"facility_id": UUID(key), "monday": true.monday, "taken": []}
        row = session.create(Occupancy, parties=[chongqing], tenant=chongqing, **terms)
        session.publish(row, events.OccupancyChanged(facility=UUID(key), monday=true.monday))
    cell.carry()
    week = cell.client(cell.tenant("guizhou")).get(f"/v1/facilities/{key}/week?day={true.monday}").json
    assert "taken" in {slot["state"] for day in week["days"] for slot in day["slots"]}


Lie = Callable[[Booking], Any]


def confirmed(row: Booking) -> Any:
    row.state = "confirmed"
    return events.BookingConfirmed(price=None)


def approved(row: Booking) -> Any:
    row.state = "confirmed"
    return events.BookingApproved()


def asked_again(row: Booking) -> Any:
    row.state = "confirmed"
    return events.BookingAwaited()


def longer(row: Booking) -> Any:
    row.state, row.ends_at = "cancelled", row.ends_at + timedelta(hours=3)
    return events.BookingCancelled(reason=None)  # type: ignore[arg-type]


def cheaper(row: Booking) -> Any:
    row.state, row.price = "cancelled", Decimal("0.01")
    return events.BookingCancelled(reason=None)  # type: ignore[arg-type]


def used(row: Booking) -> Any:
    row.state, row.used_hours = "used", Decimal(1)
    return events.BookingUsed(hours=Decimal(1))


@pytest.mark.parametrize("lie", [confirmed, approved, asked_again, longer, cheaper, used])
def test_whoever_booked_says_nothing_in_the_owners_stead(cell: Cell, sichuan: UUID, chongqing: UUID, lie: Lie) -> None:
    key = opened(cell, sichuan, approval="owner", hourly_price="100")
    url = booked(cell.client(chongqing), cell, asked(cell, key))
    before = cell.client(sichuan).get(url).json
    assert (before["state"], before["price"]) == ("held", "100")
    with cell.session(chongqing) as session:
        row = session.locked(Booking, UUID(url.rpartition("/")[2]))
        session.publish(row, lie(row))
    cell.carry()
    assert cell.client(chongqing).get(url).json["version"] == before["version"] + 1
    assert cell.client(sichuan).get(url).json == before


def test_nobody_begins_with_a_confirmed_booking(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan)
    booked(cell.client(chongqing), cell, asked(cell, key))
    with cell.session(chongqing) as session:
        known = session.scalars(select(Booking)).one()
        fields = {name: getattr(known, name) for name in (
            "facility_id", "owner_id", "organisation_id", "name_zh", "name_en", "starts_at", "ends_at", "people",
            "purpose", "waits", "check_in")}  # fmt: skip
        row = session.create(Booking, parties=[sichuan, chongqing], nonce=uuid4().hex, state="confirmed", **fields)
        times = {"starts_at": known.starts_at, "ends_at": known.ends_at}
        session.publish(row, events.BookingRequested(facility=known.facility_id, **times))
    cell.carry()
    assert cell.client(sichuan).get(f"/v1/bookings/{row.id}").status_code == 404
