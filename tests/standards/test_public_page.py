"""What anybody is told of a certificate: its true state, nothing else, and nothing at all by guessing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from services.standards.domain.checking import Reason
from services.standards.domain.numbers import new_number
from services.standards.domain.publicity import STATES, masked, public_state
from services.standards.models import Certificate
from services.standards.queries.publicity import public_state_of
from shared.core.errors import NotFoundError
from shared.http.requests.limits import WINDOW
from shared.pages.languages import typeset
from shared.replication.erasing import erase_texts
from tests.builders.browser import PACKAGE, chromium, installed, violations
from tests.builders.cell import Cell
from tests.builders.served import served
from tests.builders.sizes import size, soak
from tests.organisations.builders import credit_code
from tests.standards.certification import YEAR, accredited, acted, certificate_draft, issued
from tests.standards.given import code_of, given_body, given_certificate, given_recognition, given_standard, period

DAY = timedelta(days=1)
Thing = dict[str, Any]


@pytest.fixture
def standard(cell: Cell, sichuan: UUID) -> UUID:
    return given_standard(cell, sichuan)


@pytest.fixture
def body(cell: Cell, sichuan: UUID, standard: UUID) -> Thing:
    return accredited(cell, sichuan, standard)


def shown(cell: Cell, number: str, **options: Any) -> Any:
    return cell.app.test_client().get(f"/c/{number}", **options)


def told(cell: Cell, number: str, **options: Any) -> Any:
    return cell.app.test_client().get(f"/v1/public/certificates/{number}", **options)


def state_of(cell: Cell, number: str) -> str:
    answer = told(cell, number)
    assert answer.status_code == 200, answer.json
    assert answer.json["valid"] == (answer.json["state"] == "valid")
    assert typeset(answer.json["message"]["zh"]) in shown(cell, number).text
    return str(answer.json["state"])


def test_the_state_shown_is_the_state_it_has(cell: Cell, sichuan: UUID, standard: UUID, body: Thing) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    number, url = made["number"], f"/v1/certificates/{made['id']}"
    assert state_of(cell, number) == state_of(cell, f" {number.lower()} ") == "valid"
    acted(cell, sichuan, f"{url}/suspend", body={"reason": "复查"})
    assert state_of(cell, number) == "suspended"
    acted(cell, sichuan, f"{url}/reinstate")
    assert state_of(cell, number) == "valid"
    acted(cell, sichuan, f"{url}/revoke", body={"reason": "造假"})
    assert state_of(cell, number) == "revoked"
    acted(cell, sichuan, f"{url}/restore", body={"reason": "误撤"})
    draft = certificate_draft(cell, body["id"], standard=standard, holder=made["holder"])
    acted(cell, sichuan, f"{url}/replace", body=draft)
    assert state_of(cell, number) == "replaced"


def test_a_certificate_is_expired_after_its_last_day_also_before_any_timer_has_run(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    cell.clock.advance(3 * YEAR + 2 * DAY)
    assert state_of(cell, made["number"]) == "expired"


def test_what_rests_on_a_body_that_does_not_count_does_not_count(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    acted(cell, sichuan, f"/v1/bodies/{body['id']}/suspend", body={"reason": "抽查不合格"})
    assert state_of(cell, made["number"]) == "body_not_valid"
    acted(cell, sichuan, f"/v1/bodies/{body['id']}/restore", body={"reason": "误操作"})
    assert state_of(cell, made["number"]) == "valid"


def test_what_rests_on_a_standard_that_has_ended_does_not_count(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    # Under another tenant's standard: what its own tenant recognises is not the public's business.
    now = cell.clock.now()
    periods = [{"state": "in_force", "from": (now - YEAR).isoformat()},
              {"state": "withdrawn", "from": (now + DAY).isoformat()}]  # fmt: skip
    standard = given_standard(cell, chongqing, spells=periods)
    given_recognition(cell, sichuan, chongqing, standard=standard)
    made = issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)
    assert state_of(cell, made["number"]) == "valid"
    cell.clock.advance(2 * DAY)
    assert state_of(cell, made["number"]) == "standard_not_valid"


@pytest.mark.parametrize(
    ("step", "code", "state"),
    [
        ("certificate", "certificate_not_yet_valid", "not_yet_valid"),
        ("accreditation", "accreditation_not_for_products", "body_not_valid"),
        ("certificate", "certificate_unreadable", "not_valid"),
        ("certificate", "certificate_banana", "not_valid"),
        ("something", "something_new", "not_valid"),
        ("recognition", "recognition_none", "valid"),
        ("conditions", "conditions_too_old", "valid"),
    ],
)
def test_every_reason_has_a_public_state(step: str, code: str, state: str) -> None:
    assert public_state([Reason(step=step, holds=False, code=code, state=None, proof=None)]) == state
    assert state in STATES


def test_a_state_that_nobody_knows_does_not_count(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    body = given_body(cell, sichuan, standard)
    odd = [period("banana", cell.clock.now() - YEAR)]
    assert state_of(cell, given_certificate(cell, sichuan, body, standard=standard, spells=odd)) == "not_valid"


NAME = "成都虚构家具有限公司"


def test_a_paper_is_compared_line_by_line_and_neither_whole_names_nor_reasons_are_told(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    holder = {"code": credit_code(70_001), "name_zh": NAME}
    made = issued(cell, sichuan, body, standard=standard, holder=holder)
    acted(cell, sichuan, f"/v1/certificates/{made['id']}/suspend", body={"reason": "甲醛超标"})
    page, answer = shown(cell, made["number"]), told(cell, made["number"])
    secret = [NAME, holder["code"], "甲醛超标", body["id"], made["id"], str(standard)]
    assert [item for item in secret if item in page.text or item in answer.text] == []
    assert answer.json["holder"] == {"name_zh": "成都**有限公司", "code": None, "masked": True}
    about = answer.json["about"]
    assert (about["products"], about["body"]) == (made["products"], {"zh": body["name_zh"], "en": body["name_en"]})
    wanted = ["成都**有限公司", "木质家具", "C2110", body["name_zh"], *about["standard_numbers"],
              about["standard"]["zh"], made["valid_from"], made["valid_to"]]  # fmt: skip
    assert [item for item in wanted if item not in page.text] == []


def test_the_whole_name_is_told_where_the_holder_allows_it_and_as_long(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    holder = {"code": credit_code(70_001), "name_zh": NAME}
    made = issued(cell, sichuan, body, standard=standard, holder=holder)
    url = f"/v1/certificates/{made['id']}"
    assert "publish_holder" in made["allowed_actions"]
    assert acted(cell, sichuan, f"{url}/publish-holder")["holder_public"]
    assert told(cell, made["number"]).json["holder"] == {"name_zh": NAME, "code": holder["code"], "masked": False}
    assert NAME in shown(cell, made["number"]).text
    again = cell.client(sichuan).post(f"{url}/publish-holder")
    assert (again.status_code, again.json["code"]) == (409, "holder_as_it_is")
    new = acted(
        cell, sichuan, f"{url}/replace", body=certificate_draft(cell, body["id"], standard=standard, holder=holder)
    )
    assert told(cell, new["number"]).json["holder"]["name_zh"] == NAME
    acted(cell, sichuan, f"{url}/conceal-holder")
    assert told(cell, made["number"]).json["holder"]["name_zh"] == "成都**有限公司"
    erase_texts_of(cell, sichuan, new)
    assert told(cell, new["number"]).json["holder"] == {"name_zh": None, "code": holder["code"], "masked": False}
    assert "已删除" in shown(cell, new["number"]).text


def erase_texts_of(cell: Cell, tenant: UUID, certificate: Thing) -> None:
    key = UUID(certificate["id"])
    with cell.session(tenant) as session:
        erase_texts(session, key, digests=[session.one(Certificate, key).holder["name_digest"]])


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("成都虚构家具有限公司", "91510100MA6C00000X", "成都**有限公司"),
        ("四川虚构集团有限公司", "91510100MA6C00000X", "四川**集团有限公司"),
        ("王五家具店", "92510100MA6C00000X", "王**店"),
        ("李小明", "92510100MA6C00000X", "李**"),
        ("虚构厂", "91510100MA6C00000X", "虚**厂"),
        ("厂", "91510100MA6C00000X", "**"),
    ],
)
def test_a_name_in_part_tells_no_more_than_a_paper_is_compared_by(name: str, code: str, told: str) -> None:
    assert masked(name, code=code) == told


def test_the_page_is_kept_nowhere_and_lets_in_no_script(cell: Cell, sichuan: UUID, standard: UUID, body: Thing) -> None:
    number = issued(cell, sichuan, body, standard=standard)["number"]
    for answer in (shown(cell, number), shown(cell, "x"), told(cell, number), told(cell, "x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "Set-Cookie" not in answer.headers
    page = shown(cell, number)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert "<script" not in page.text
    english = shown(cell, number, headers={"Accept-Language": "en"})
    assert (english.headers["Content-Language"], "This certificate is valid." in english.text) == ("en", True)
    assert "证书有效。" in shown(cell, f"{number}?lang=zh", headers={"Accept-Language": "en"}).text


def unknown_numbers(cell: Cell, tenant: UUID) -> list[str]:
    """Never issued, a wrong check character, no tenant's, no number at all."""
    never = new_number(code_of(cell, tenant), 2026)
    wrong = never[:-1] + ("0" if never[-1] != "0" else "1")
    return [never, wrong, new_number("nobody-has-this-code", 2026), "nothing", "<b>x"]


def test_what_was_never_issued_looks_the_same_whatever_is_wrong_with_it(cell: Cell, sichuan: UUID) -> None:
    answers = [told(cell, number) for number in unknown_numbers(cell, sichuan)]
    assert {(answer.status_code, str({**answer.json, "correlation_id": ""})) for answer in answers} == {
        (404, str({**answers[0].json, "correlation_id": ""}))
    }
    pages = [shown(cell, number) for number in unknown_numbers(cell, sichuan)]
    bodies = {re.sub(r"<code>[0-9a-f-]{32,36}</code>", "", page.text) for page in pages}
    assert ({page.status_code for page in pages}, len(bodies)) == ({404}, 1)


def test_whatever_is_asked_for_the_database_is_asked_the_same_number_of_questions(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    number = issued(cell, sichuan, body, standard=standard)["number"]
    found = []
    with cell.database.cell_session() as session:
        directory = cell.database.directory
        directory.refresh(session)
        asked: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        for text in (number, *unknown_numbers(cell, sichuan)):
            asked.clear()
            try:
                public_state_of(session, directory, text=text, now=cell.clock.now())
            except NotFoundError:
                assert text != number
            found.append(len([item for item in asked if "directory" not in item]))
            session.expunge_all()
    assert found == [4] * 6


TRIES, ISSUED = size(300, 10_000), size(25, 200)


@pytest.fixture
def tight(cell: Cell) -> Iterator[Cell]:
    """The limit that a real cell has."""
    before = cell.database.settings
    cell.database.settings = replace(before, public_requests_per_minute=60)
    yield cell
    cell.database.settings = before


@soak
@pytest.mark.timeout(300)
def test_guessing_numbers_finds_none_of_those_issued(cell: Cell, sichuan: UUID, standard: UUID, body: Thing) -> None:
    drafts = [certificate_draft(cell, body["id"], standard=standard) for _each in range(ISSUED)]
    answer = cell.client(sichuan).post("/v1/certificates/bulk/issue", {"items": drafts}).json
    numbers = [item["body"]["number"] for item in answer["results"]]
    cell.carry()
    code, now, hits = code_of(cell, sichuan), cell.clock.now(), []
    with cell.database.cell_session() as session:
        assert public_state_of(session, cell.database.directory, text=numbers[0], now=now).valid
        for _try in range(TRIES):
            try:
                hits.append(public_state_of(session, cell.database.directory, text=new_number(code, 2026), now=now))
            except NotFoundError:
                continue
    assert hits == []


@soak
@pytest.mark.timeout(300)
def test_who_guesses_is_answered_as_often_as_the_limit_says_and_a_hit_then_looks_like_a_miss(
    tight: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    number, code = issued(tight, sichuan, body, standard=standard)["number"], code_of(tight, sichuan)
    first = int(tight.clock.now().timestamp()) // WINDOW
    client, found = tight.app.test_client(), {200: 0, 404: 0, 429: 0}
    at = {"environ_base": {"REMOTE_ADDR": "203.0.113.99"}}
    for tried in range(TRIES):
        path = "/c/" if tried % 2 else "/v1/public/certificates/"
        found[client.get(path + new_number(code, 2026), **at).status_code] += 1
    windows = int(tight.clock.now().timestamp()) // WINDOW - first + 1
    assert found[200] == 0
    assert 10 <= found[404] <= 10 * windows
    refused = client.get(f"/c/{number}", **at)
    while refused.status_code != 429:
        refused = client.get(f"/c/{number}", **at)
    missed = client.get(f"/c/{new_number(code, 2026)}", **at)
    assert (missed.status_code, missed.headers["Retry-After"]) == (429, refused.headers["Retry-After"])
    assert "请求过于频繁" in refused.text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    cache = Path(request.config.cache.mkdir("axe"))
    return (installed(PACKAGE, cache) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_everybody_can_read_the_page(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing, browser: Any, axe: str, locale: str, scheme: str
) -> None:
    good, bad = (issued(cell, sichuan, body, standard=standard) for _each in range(2))
    acted(cell, sichuan, f"/v1/certificates/{bad['id']}/revoke", body={"reason": "造假"})
    found, said = {}, []
    with served(cell) as url:
        context = browser.new_context(locale=locale, color_scheme=scheme, viewport={"width": 320, "height": 640})
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        for name, number in (("good", good["number"]), ("bad", bad["number"]), ("none", "nothing")):
            page.goto(f"{url}/c/{number}")
            assert page.get_attribute("html", "lang") == ("zh-CN" if locale == "zh-CN" else "en")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            found[name] = violations(page, axe)
        context.close()
    assert found == {"good": [], "bad": [], "none": []}
    assert [item for item in said if "404" not in item] == []
