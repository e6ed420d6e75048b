"""The workbench, the bell and the calendar: what somebody meets first, and what reaches them by itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from shared.core.calendar import BEIJING, day_of, end_of
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user
from tests.builders.officials import agreement_draft, drafted, proposed, sign
from tests.organisations.builders import registered

TAG = re.compile(r"<[^>]*>|\\s+")


def text_of(page: Any) -> str:
    """What somebody reads on the page's main part."""
    return " ".join(filter(None, TAG.split(page.text.partition("<main")[2])))


def test_what_waits_and_what_the_other_side_did_since_the_last_visit_is_there(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    page = desk.get("/console")
    assert "没有要办的事" in page.text
    assert "最近两周的变化" in page.text, "there was no visit before"
    cell.clock.advance(timedelta(hours=2))
    desk.get("/console")
    url = proposed(cell, sichuan, chongqing)
    cell.clock.advance(timedelta(minutes=1))
    assert sign(cell.client(chongqing), url).status_code == 202
    cell.carry()
    page = text_of(desk.get("/console"))
    assert "chongqing" not in page.partition("上次到访后的变化")[0]
    changed = page.partition("上次到访后的变化")[2]
    assert "签署第 1 版协议" in changed
    assert "起草" not in changed
    assert "签署" in text_of(desk.get("/console?tab=tenant"))
    # It is read, but stays new until somebody was away for an hour.
    cell.clock.advance(timedelta(minutes=50))
    assert "签署第 1 版协议" in text_of(desk.get("/console"))
    cell.clock.advance(timedelta(minutes=70))
    assert "其他辖区没有改动" in text_of(desk.get("/console"))


def test_the_bell_counts_until_all_is_marked_read_and_kinds_can_be_silenced(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    url = proposed(cell, sichuan, chongqing)
    assert sign(cell.client(chongqing), url).status_code == 202
    cell.carry()
    page = desk.get("/console/notifications")
    assert "2 条未读" in text_of(page)
    assert "协议第1版" in text_of(page)
    assert f'href="/console/agreements/{url.split("/")[3]}/1"' in page.text, "the change leads to the agreement"
    assert "2 条未读" in desk.get("/console/bell").text
    cell.clock.advance(timedelta(seconds=1))
    page = desk.get("/console/notifications")
    assert desk.send(page, "/console/notifications", do="read").status_code == 303
    assert desk.get("/console/bell").text.strip() == ""
    assert "0 条未读" in desk.get("/console/notifications").text


def test_the_digest_counts_things_once_by_day_and_kind_and_a_kind_may_be_kept_from_bell_or_digest(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    monday = end_of(day_of(cell.clock.now()) + timedelta(days=6 - cell.clock.now().astimezone(BEIJING).weekday()))
    cell.clock.advance(monday + timedelta(days=3, hours=10) - cell.clock.now())
    for _ in range(2):
        theirs = drafted(cell, chongqing, sichuan)
        assert cell.client(chongqing).patch(theirs, {"area_km2": "11"}).status_code == 200
    cell.carry()
    cell.clock.advance(timedelta(days=1))
    desk, other = (Desk(cell, make_user(cell, sichuan, "official")) for _ in range(2))
    digest = desk.get("/console/notifications?view=digest")
    today, _, before = text_of(digest).partition("昨天")
    assert "没有变更" in today
    assert re.search(r"园区.2 项有变更\s+chongqing", before.partition("本周更早")[0]), "four changes of two parks"
    listed = desk.get("/console/notifications?kind=parks.park&period=yesterday")
    assert text_of(listed).count("修改园区信息") == 2
    assert "没有通知" in text_of(desk.get("/console/notifications?kind=parks.park&period=today"))
    sent = {"offered/parks.park": "true", "digest/parks.park": "true", "do": "choose"}
    assert desk.send(digest, "/console/notifications", **sent).status_code == 303
    assert "1 条未读" in desk.get("/console/notifications").text
    assert "2 项有变更" in desk.get("/console/notifications?view=digest").text
    sent = {"offered/parks.park": "true", "bell/parks.park": "true", "do": "choose"}
    desk.send(digest, "/console/notifications", **sent)
    assert "项有变更" not in desk.get("/console/notifications?view=digest").text
    assert "5 条未读" in desk.get("/console/notifications").text
    assert "项有变更" in other.get("/console/notifications?view=digest").text, "each chooses for themselves"


def test_the_calendar_shows_what_is_due_on_its_last_day_and_no_month_is_out_of_reach(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    last = day_of(cell.clock.now()) + timedelta(days=40)
    url = drafted(cell, sichuan, chongqing)
    draft = agreement_draft(sichuan, chongqing, sign_by=str(last))
    assert cell.client(sichuan).post(f"{url}/agreements", draft).status_code == 201
    cell.carry()
    desk = Desk(cell, make_user(cell, chongqing, "signatory"))
    name = cell.client(chongqing).get(url).json["name_zh"]
    page = desk.get(f"/console/calendar?month={last:%Y-%m}")
    day = page.text.partition(f'id="d{last}"')[2].partition("</td>")[0]
    assert "签署" in day
    assert name in day
    for month in ("1900-01", "2200-12", "2026-13", "x"):
        assert desk.get(f"/console/calendar?month={month}").status_code == 200


def test_somebody_of_an_organisation_finds_what_is_theirs_and_nothing_of_offices(cell: Cell, sichuan: UUID) -> None:
    own = registered(cell.client(sichuan))
    desk = Desk(cell, make_user(cell, sichuan, "organisation_member", organisation_id=UUID(own["id"])))
    page = text_of(desk.get("/console"))
    assert "本组织" in page
    assert "您可以查看和办理的" in page
    assert "起草园区" not in page
    assert desk.get("/console/bell").text.strip() == ""


def test_a_calendar_program_reads_by_its_secret_address_what_the_owner_saw_last(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    last = day_of(cell.clock.now()) + timedelta(days=9)
    url = drafted(cell, sichuan, chongqing)
    draft = agreement_draft(sichuan, chongqing, sign_by=str(last))
    assert cell.client(sichuan).post(f"{url}/agreements", draft).status_code == 201
    cell.carry()
    desk = Desk(cell, make_user(cell, chongqing, "signatory"))
    address = urlsplit(address_on(desk.send(desk.get("/console/calendar"), "/console/calendar", do="begin")))
    anybody, feed = cell.app.test_client(), f"{address.path}?{address.query}"
    answer = anybody.get(feed)
    assert answer.mimetype == "text/calendar"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    told = answer.text.replace("\r\n ", "")
    assert f"DTSTART;VALUE=DATE:{last:%Y%m%d}" in told
    assert cell.client(chongqing).get(url).json["name_zh"] in told
    assert "SUMMARY" in desk.get("/console/calendar.ics").text
    # Nobody was at the console for long: what was due then is told no more.
    cell.clock.advance(timedelta(days=15))
    assert f"{last:%Y%m%d}" not in anybody.get(feed).text
    desk = Desk(cell, desk.person)
    renewed = address_on(desk.send(desk.get("/console/calendar"), "/console/calendar", do="begin"))
    assert anybody.get(feed).status_code == 404
    assert desk.send(desk.get("/console/calendar"), "/console/calendar", do="end").status_code == 303
    assert anybody.get(f"{address.path}?{urlsplit(renewed).query}").status_code == 404


def address_on(page: Any) -> str:
    """The address of a feed, which a page shows once."""
    return str(page.text.partition('<code class="secret">')[2].partition("</code>")[0])
