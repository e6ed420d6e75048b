"""Owner and booker live in two cells: only messages pass between them, and one that is doubled changes nothing."""

from __future__ import annotations

from tests.builders.two_cells import TwoCells
from tests.facilities.builders import asked, booked, opened, state


def test_a_booking_from_another_cell_is_placed_and_what_is_taken_is_known_there(cells: TwoCells) -> None:
    owner, booker = cells.tenant("owner"), cells.tenant("booker", there=True)
    cells.calm()
    key = opened(cells.one, owner)
    cells.pass_seconds(1)
    here, there = cells.one.client(owner), cells.two.client(booker)
    first = booked(there, cells.two, asked(cells.two, key))
    second = booked(here, cells.one, asked(cells.one, key, waits=True))
    assert (state(there, first), state(here, first)) == (("confirmed", None), ("confirmed", None))
    assert state(here, second) == ("waiting", None)
    assert there.get(second).status_code == 404
    cells.pass_seconds(1)
    day = asked(cells.two, key)["starts_at"][:10]
    (found,) = [one for one in there.get(f"/v1/facilities/{key}/week?day={day}").json["days"] if one["day"] == day]
    assert [one["state"] for one in found["slots"]][:2] == ["taken", "free"]
    assert there.post(f"{first}/cancel", {"reason": "改期"}).status_code == 200
    cells.two.carry(lambda messages: [*messages, *messages])
    assert (state(here, first), state(here, second)) == (("cancelled", None), ("confirmed", None))
