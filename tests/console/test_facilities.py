"""A facility is opened, its week looked at and a slot booked at the console, each side at its own desk."""

from __future__ import annotations

import html
import re
from datetime import UTC
from uuid import UUID, uuid4

from tests.builders.cell import Cell
from tests.builders.consoles import Desk, sent, text_of
from tests.builders.identity import make_user
from tests.facilities.builders import asked, at, booked, drafted, opened
from tests.organisations.builders import registered, representative

BOOK = re.compile(r'href="(/console/bookings/new\?[^"]*)">([^<]*)')


def week(desk: Desk, cell: Cell, key: str, *, day: int = 7) -> tuple[str, list[tuple[str, str]]]:
    """What a person reads of the week of a day, and where bookings begin."""
    page = desk.get(f"/console/facilities/{key}/week?day={at(cell, 9, day=day).date()}")
    return text_of(page), [(html.unescape(url), said) for url, said in BOOK.findall(page.text)]


def test_a_free_slot_leads_to_a_form_with_the_slot_filled_in_and_the_booking_is_confirmed(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    key = opened(cell, sichuan)
    owner, booker = (Desk(cell, make_user(cell, tenant, "official")) for tenant in (sichuan, chongqing))
    text, links = week(booker, cell, key)
    assert ("集群之家会议室" in text, len(links)) == (True, 7 * 9)
    url, _said = next(one for one in links if f"{at(cell, 14):%Y-%m-%d}+14%3A00" in one[0].split("starts_at=")[1])
    page = booker.get(url)
    assert f'value="{at(cell, 14):%Y-%m-%d %H:%M}"' in page.text
    assert f'value="集群之家会议室 [{key[:8]}]"' in page.text
    typed = {"/facility": f"集群之家会议室 [{key[:8]}]", "/starts_at": f"{at(cell, 14):%Y-%m-%d %H:%M}",
             "/ends_at": f"{at(cell, 15):%Y-%m-%d %H:%M}", "/people": "3", "/purpose": "项目洽谈"}  # fmt: skip
    made = sent(booker, url, **typed)
    for desk in (booker, owner):
        assert "已确认" in text_of(desk.get(made))
    text, links = week(owner, cell, key)
    assert [said for _url, said in links].count("候补") == 1
    assert "waits=true" in next(url for url, said in links if said == "候补")
    assert str(chongqing) not in text


def test_a_draft_has_no_week_for_others_and_no_button(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = drafted(cell, sichuan)
    cell.carry()
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    assert f"/console/facilities/{key}/week" not in desk.get(f"/console/facilities/{key}").text
    assert week(desk, cell, key)[1] == []
    other = Desk(cell, make_user(cell, chongqing, "official"))
    for url in (f"/console/facilities/{key}", f"/console/facilities/{key}/week"):
        assert other.get(url).status_code == 404


def test_an_observer_sees_the_week_and_books_nothing(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan)
    observer = Desk(cell, make_user(cell, chongqing, "observer"))
    text, links = week(observer, cell, key)
    assert ("可预约" in text, links) == (True, [])


def test_an_organisations_people_book_and_see_their_own(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan)
    booked(cell.client(chongqing), cell, asked(cell, key, (9, 10), purpose="辖区自用"))
    organisation = registered(cell.client(chongqing))["id"]
    desk = Desk(cell, make_user(cell, chongqing, "organisation_member", organisation_id=UUID(organisation)))
    links = week(desk, cell, key)[1]
    assert len([said for _url, said in links if said == "预约"]) == 62
    typed = {"/facility": key, "/starts_at": f"{at(cell, 10):%Y-%m-%d %H:%M}",
             "/ends_at": f"{at(cell, 11):%Y-%m-%d %H:%M}", "/people": "1", "/purpose": "样品检测"}  # fmt: skip
    made = sent(desk, "/console/bookings/new", **typed)
    assert "已确认" in text_of(desk.get(made))
    assert "辖区自用" not in text_of(desk.get("/console/bookings"))
    assert text_of(desk.get(f"/console/facilities/{key}"))


def test_the_owner_reads_how_much_it_was_used(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = opened(cell, sichuan, hourly_price="50")
    booked(cell.client(chongqing), cell, asked(cell, key, day=1))
    cell.clock.offset = at(cell, 12, day=1) - cell.clock.now()
    for _time in range(2):
        cell.run_timers()
        cell.carry()
    page = text_of(Desk(cell, make_user(cell, sichuan, "official")).get(f"/console/facilities/{key}"))
    assert ("使用情况" in page, " 50 " in page) == (True, True)
    assert "使用情况" not in text_of(
        Desk(cell, make_user(cell, chongqing, "official")).get(f"/console/facilities/{key}")
    )


def test_booked_times_stand_in_ones_feed_and_in_a_file_of_the_week_and_nobody_elses_do(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    key, firm = opened(cell, sichuan), registered(cell.client(chongqing))["id"]
    booked(cell.client(chongqing), cell, asked(cell, key, purpose="项目洽谈"))
    booked(cell.client(sichuan), cell, asked(cell, key, (11, 12), purpose="内部会议"))
    body = asked(cell, key, (14, 15), purpose="企业自用")
    booked(representative(cell, chongqing, organisation=firm), cell, body)
    desk = Desk(cell, make_user(cell, chongqing, "official"))
    day = at(cell, 9).date()
    page = desk.get(f"/console/facilities/{key}/week?day={day}")
    file = html.unescape(re.findall(r'href="([^"]*week\.ics[^"]*)"', page.text)[0])
    subscribed = desk.send(desk.get("/console/calendar"), "/console/calendar", do="begin")
    address = re.findall(r"feed\.ics\?key=[^<]+", subscribed.text)[0]
    feed = cell.app.test_client().get(f"/console/calendar/{html.unescape(address)}")
    for told in (desk.get(file).text, feed.text):
        text = told.replace("\r\n ", "")
        assert f"DTSTART:{at(cell, 9).astimezone(UTC):%Y%m%dT%H%M%SZ}" in text
        assert f"DTEND:{at(cell, 10).astimezone(UTC):%Y%m%dT%H%M%SZ}" in text
        assert "集群之家会议室 · 项目洽谈" in text
        assert ("内部会议" in text, "企业自用" in text) == (False, False)
        assert "TRANSP:OPAQUE" in text
    assert desk.get(f"/console/facilities/{uuid4()}/week.ics").status_code == 404
