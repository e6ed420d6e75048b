"""A standards officer at the console, and the people of an organisation that holds certificates."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest

from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.builders.consoles import Desk, sent, text_of
from tests.builders.identity import make_user
from tests.organisations.builders import credit_code, registered
from tests.standards.certification import YEAR, accredited, acted, issued
from tests.standards.dependants import qualified
from tests.standards.given import given_standard
from tests.standards.recognition import recognised


@pytest.fixture
def officer(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, make_user(cell, sichuan, "official"))


def test_an_officer_accredits_issues_suspends_and_the_check_elsewhere_says_why(
    cell: Cell, officer: Desk, sichuan: UUID, chongqing: UUID
) -> None:
    standard = given_standard(cell, sichuan)
    number = cell.client(sichuan).get(f"/v1/standards/{standard}").json["numbers"][0]
    last = str(day_of(cell.clock.now()) + YEAR)
    body = sent(
        officer,
        "/console/bodies/new",
        **{"/code": credit_code(), "/name_zh": "虚构蜀测检验中心", "/grants/0/standards/0": number,
           "/grants/0/product_classes": "C2110", "/grants/0/valid_to": last},
    )  # fmt: skip
    assert "虚构蜀测检验中心" in text_of(officer.get(body))
    certificate = sent(
        officer,
        "/console/certificates/new",
        **{"/body": "虚构蜀测检验中心", "/standard": number, "/holder/code": credit_code(),
           "/holder/name_zh": "虚构家具厂", "/products/0/class": "C2110", "/products/0/name": "木质家具",
           "/methods": "GB/T 35607", "/valid_to": last},
    )  # fmt: skip
    assert "虚构家具厂" in text_of(officer.get(certificate))
    recognised(cell, chongqing, sichuan, standard=standard)
    there = certificate.partition("?")[0]
    of_it = cell.client(sichuan).get(f"/v1/certificates/{there.rpartition('/')[2]}").json["number"]
    elsewhere = Desk(cell, make_user(cell, chongqing, "official"))
    page = elsewhere.get(f"/console/recognition?certificate={of_it.replace('-', '—').lower()}")
    assert 'class="verdict"' in page.text, text_of(page)
    assert "各环都成立" in text_of(page)
    proofs = re.findall(r'class="proof"><a href="(/console/[^"]+)"', page.text)
    assert [elsewhere.get(proof).status_code for proof in proofs] == [200] * len(proofs)
    assert page.text.count('<li class=""') == 6
    done = sent(officer, f"{there}/do/suspend", **{"/reason": "抽检不合格"})
    said = text_of(officer.get(done))
    # Among the facts and in the timeline.
    assert (said.count("抽检不合格"), "sha256:" in said) == (2, False)
    cell.clock.advance(timedelta(minutes=1))
    page = elsewhere.get(f"/console/recognition?certificate={of_it}")
    assert 'class="verdict no"' in page.text
    assert page.text.count('<li class="broken"') == 1
    assert "断在第 1 环。证书已暂停。请联系发证机构。" in text_of(page)


def test_an_unknown_number_breaks_the_first_link_and_the_others_are_not_asked(officer: Desk) -> None:
    page = officer.get("/console/recognition?certificate=SICHUAN-2026-K3PV-TD97-4")
    assert (page.text.count('<li class="broken"'), page.text.count('<li class="unasked"')) == (1, 5)
    assert text_of(page).count("这一环没有再查") == 5
    wrong = officer.get("/console/recognition?certificate=x&as_of=someday")
    assert wrong.status_code == 422
    assert 'value="someday"' in wrong.text


def test_many_numbers_are_checked_at_once_and_saved_as_a_file(cell: Cell, officer: Desk, sichuan: UUID) -> None:
    standard = given_standard(cell, sichuan)
    made = issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)
    there = "/console/recognition/many"
    numbers = f"{made['number']}\n=1+1"
    page = officer.send(officer.get(there), there, numbers=numbers, do="check")
    assert "获认可 1 张" in text_of(page)
    assert "不获认可 1 张" in text_of(page)
    file = officer.send(page, there, numbers=numbers, do="csv")
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [row[:2] for row in rows[1:]] == [[made["number"], "获认可"], ["'=1+1", "不获认可"]]


def test_a_dry_run_says_which_checks_would_have_been_answered_differently(
    cell: Cell, officer: Desk, sichuan: UUID, chongqing: UUID
) -> None:
    standard = given_standard(cell, chongqing)
    made = issued(cell, chongqing, accredited(cell, chongqing, standard), standard=standard)
    assert 'class="verdict no"' in officer.get(f"/console/recognition?certificate={made['number']}").text
    there = "/console/recognition/dry-run"
    fields = {
        "/recognised": str(chongqing), "/items/0/standard": str(standard), "/items/0/accepts": "certificates",
        "/from": str(day_of(cell.clock.now())),
    }  # fmt: skip
    page = officer.send(officer.get(there), there, **fields, do="send")
    assert "1 次查询的答案会不同" in text_of(page)
    assert made["number"] in text_of(page)


def test_a_certificates_page_leads_to_its_paper_and_its_public_page(cell: Cell, officer: Desk, sichuan: UUID) -> None:
    standard = given_standard(cell, sichuan)
    made = issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)
    there = f"/console/certificates/{made['id']}"
    # Its form begins with what the certificate says, among it the standard by one of its numbers.
    form = officer.get(f"{there}/do/replace")
    taken = {"/holder/code": made["holder"]["code"], "/products/0/name": "木质家具", "/products/0/class": "C2110"}
    for name, value in taken.items():
        assert re.search(f'name="{name}"[^>]* value="{value}"', form.text), name
    given = {"/standard": re.findall(r'name="/standard"[^>]*value="([^"]+)"', form.text)[0]}
    assert "没有找到" not in officer.send(form, f"{there}/do/replace", **given, do="check").text
    page = officer.get(there)
    assert f'href="/c/{made["number"]}"' in page.text
    assert "<svg" in page.text
    assert "未同意公开全名" in text_of(page)
    assert officer.get(f"{there}/pdf").status_code == 202
    while cell.run_timers():
        cell.carry()
    assert officer.get(f"{there}/pdf").data[:5] == b"%PDF-"
    sent(officer, f"{there}/do/publish_holder")
    assert "同意公开全名" in text_of(officer.get(there)).replace("未同意", "")


def test_a_consequence_is_a_task_with_its_cause_and_is_closed(cell: Cell, officer: Desk, sichuan: UUID) -> None:
    standard = given_standard(cell, sichuan)
    made = issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)
    qualified(cell, sichuan, made["number"])
    acted(cell, sichuan, f"/v1/certificates/{made['id']}/revoke", body={"reason": "抽检不合格"})
    while cell.run_timers():
        cell.carry()
    page = officer.get("/console/consequences")
    [there] = set(re.findall(r'href="(/console/consequences/[0-9a-f-]{36})"', page.text))
    text = text_of(officer.get(there))
    assert "同一原因的处置情况" in text
    assert "已撤销" in text
    sent(officer, f"{there}/do/close", **{"/outcome": "kept", "/reason": "另有依据"})
    assert "另有依据" in text_of(officer.get(there))


def test_every_list_thing_and_form_of_the_areas_opens(cell: Cell, officer: Desk, sichuan: UUID) -> None:
    standard = given_standard(cell, sichuan)
    body = accredited(cell, sichuan, standard)
    certificate = issued(cell, sichuan, body, standard=standard)
    for name in ("standards", "projects", "recognitions", "consequences", "certificates", "bodies"):
        text_of(officer.get(f"/console/{name}"))
    for url in (f"standards/{standard}", f"bodies/{body['id']}", f"certificates/{certificate['id']}"):
        page = officer.get(f"/console/{url}")
        text_of(page)
        for action in set(re.findall(rf'href="(/console/{url}/do/\w+)"', page.text)):
            text_of(officer.get(action))


def test_an_organisations_member_sees_its_own_and_nothing_else(cell: Cell, sichuan: UUID) -> None:
    organisation = registered(cell.client(sichuan))
    cell.carry()
    standard = given_standard(cell, sichuan)
    holder = {"code": organisation["code"], "name_zh": organisation["name_zh"]}
    body = accredited(cell, sichuan, standard)
    own = issued(cell, sichuan, body, standard=standard, holder=holder)
    other = issued(cell, sichuan, body, standard=standard)
    member = make_user(cell, sichuan, "organisation_member", organisation_id=UUID(organisation["id"]))
    desk = Desk(cell, member)
    text = text_of(desk.get("/console/own-certificates"))
    assert own["number"] in text
    assert other["number"] not in text
    text_of(desk.get(f"/console/own-certificates/{own['id']}"))
    text_of(desk.get("/console/own-standards"))
    text_of(desk.get(f"/console/own-standards/{standard}"))
    text_of(desk.get("/console/own-parks"))
    assert desk.get(f"/console/own-certificates/{other['id']}").status_code == 404
    menu = desk.get("/console").text
    for name in ("standards", "projects", "recognitions", "consequences", "certificates", "bodies"):
        assert f'href="/console/{name}"' not in menu
        assert desk.get(f"/console/{name}").status_code == 403
