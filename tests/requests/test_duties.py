"""The duty table: which rule decides, who gets what arrives, and that it is the tenant's alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.requests.domain.duties import About, Duty, duty_by, fitting, grounds_of, is_away, why
from services.requests.models import Assignment, DutyRule, Place, Routing
from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.organisations.builders import registered
from tests.requests.given import REASON, done, drafted, filed, opened

ITEM, PERSON, OTHER, PARK = (UUID(int=number) for number in range(1, 5))
TODAY = date(2026, 12, 1)


@dataclass
class Rule:
    """As a row of the table."""

    unit: str
    item_id: UUID | None = None
    category: str | None = None
    division: str | None = None
    park_id: UUID | None = None
    person: UUID | None = None
    substitute: UUID | None = None
    absent_from: date | None = None
    absent_until: date | None = None


ANY = Rule("总值班")
OF_SICHUAN = Rule("四川处", division="510000")
OF_GUANGAN = Rule("广安处", division="511600")
OF_TESTING = Rule("检测处", category="testing")
OF_TESTING_IN_LINSHUI = Rule("邻水检测", category="testing", division="511623")
OF_PARK, OF_TESTING_IN_PARK = Rule("园区办", park_id=PARK), Rule("园区检测", category="testing", park_id=PARK)
OF_ITEM = Rule("事项处", item_id=ITEM)
OF_ITEM_IN_SICHUAN = Rule("四川事项", item_id=ITEM, division="510000")
ALL = [ANY, OF_SICHUAN, OF_GUANGAN, OF_TESTING, OF_TESTING_IN_LINSHUI, OF_PARK, OF_TESTING_IN_PARK, OF_ITEM,
       OF_ITEM_IN_SICHUAN]  # fmt: skip


def units(about: About, rules: list[Rule] = ALL) -> list[str]:
    return [one.unit for one in fitting(rules, about)]


def test_the_most_exact_rule_decides_whatever_the_order_of_the_table() -> None:
    here = About(item=ITEM, category="testing", division="511623")
    expected = ["四川事项", "事项处", "邻水检测", "检测处", "广安处", "四川处", "总值班"]
    assert units(here) == units(here, ALL[::-1]) == expected
    in_park = units(replace(here, park=PARK))
    assert in_park == ["四川事项", "事项处", "园区检测", "邻水检测", "检测处", "园区办", "广安处", "四川处", "总值班"]
    assert units(replace(here, item=uuid4()))[0] == "邻水检测"
    assert units(About(item=uuid4(), category="policy", division="511602")) == ["广安处", "四川处", "总值班"]
    assert units(About(item=uuid4(), category="policy", division="500107")) == ["总值班"]
    assert units(About(item=ITEM, category="testing")) == ["事项处", "检测处", "总值班"]
    assert units(About(item=uuid4(), category="policy"), [OF_ITEM]) == []


def test_a_code_that_ended_lies_where_its_territory_is_and_the_smaller_code_decides() -> None:
    """渝北区 (500112) ended in 2025: its territory went to 北碚区 (500109) and 两江新区 (500157)."""
    both = [Rule("两江", division="500157"), Rule("北碚", division="500109")]
    about = About(item=ITEM, category="testing", division="500112")
    assert units(about, both) == units(about, both[::-1]) == ["北碚", "两江"]


@pytest.mark.parametrize(
    ("absent_from", "absent_until", "away"),
    [
        (None, None, False), (TODAY, TODAY, True), (date(2026, 12, 2), None, False), (date(2026, 11, 1), None, True),
        (None, TODAY, True), (None, date(2026, 11, 30), False), (date(2026, 11, 1), date(2026, 11, 30), False),
    ],
)  # fmt: skip
def test_somebody_is_away_on_the_days_given_both_included(
    absent_from: date | None, absent_until: date | None, away: bool
) -> None:
    rule = Rule("处", person=PERSON, substitute=OTHER, absent_from=absent_from, absent_until=absent_until)
    assert is_away(rule, TODAY) is away
    assert duty_by(rule, today=TODAY) == Duty("处", OTHER if away else PERSON, away)
    alone = replace(rule, substitute=None)
    assert duty_by(alone, today=TODAY).person == (None if away else PERSON)


def test_it_is_said_by_what_a_rule_decides_and_why() -> None:
    away = replace(OF_TESTING_IN_LINSHUI, person=PERSON, absent_from=TODAY)
    assert grounds_of(away) == ["category", "division"]
    assert grounds_of(ANY) == ["anything"]
    assert "no rule" in why([], today=TODAY).en.lower()
    assert "more exactly than by 1 more" in why([away, ANY], today=TODAY).en
    assert "nobody stands in" in why([away], today=TODAY).en
    assert "the substitute gets it" in why([replace(away, substitute=OTHER)], today=TODAY).en
    assert "no person is named" in why([ANY], today=TODAY).en


def add(cell: Cell, tenant: UUID, **rule: Any) -> dict[str, Any]:
    made = cell.client(tenant).post("/v1/duty-rules", {"unit": "检测处", **rule})
    assert made.status_code == 201, made.json
    return dict(made.json)


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


def test_what_arrives_goes_to_the_unit_and_person_and_whoever_has_it_keeps_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID
) -> None:
    item, clerk, deputy = opened(cell, guizhou), str(uuid4()), str(uuid4())
    organisation = registered(cell.client(sichuan), division="511623")["id"]
    cell.carry()
    add(cell, guizhou, unit="总值班")
    rule = add(cell, guizhou, category="testing", division="511600", person=clerk, substitute=deputy)
    far, near = filed(cell, sichuan, item), drafted(cell.client(sichuan), item, organisation=organisation)
    assert cell.client(sichuan).post(f"{near}/file", {}).json["division"] == "511623"
    cell.carry()
    official = cell.client(guizhou)
    assert (official.get(near).json["unit"], official.get(near).json["person"]) == ("检测处", clerk)
    # Nothing is known of where that one has its seat: it lies in the pool of whoever is on call.
    assert (official.get(far).json["unit"], official.get(far).json["person"]) == ("总值班", None)
    pool = official.get("/v1/requests", query_string={"unit": "总值班", "unclaimed": "true"}).json
    assert [one["id"] for one in pool["items"]] == [far.rpartition("/")[2]]
    # The other side sees nothing of it.
    assert (cell.client(sichuan).get(near).json["unit"], cell.client(sichuan).get(near).json["person"]) == (None, None)
    # While the clerk is away the substitute gets what is new; what the clerk has stays.
    today = day_of(cell.clock.now()).isoformat()
    assert official.patch(f"/v1/duty-rules/{rule['id']}", {"absent_from": today}).status_code == 200
    done(cell, guizhou, near, "return", missing=["scope"], **REASON)
    assert done(cell, sichuan, near, "supplement", answers=[{"name": "scope", "value": "食品"}])["state"] == "filed"
    assert official.get(near).json["person"] == clerk
    new = drafted(cell.client(sichuan), item, organisation=organisation)
    cell.client(sichuan).post(f"{new}/file", {})
    cell.carry()
    assert official.get(new).json["person"] == deputy
    # Where it is forwarded to, that tenant's own table decides.
    add(cell, chongqing, unit="渝北窗口")
    official.post(f"{new}/forward", {"to": str(chongqing), **REASON})
    cell.carry()
    assert (cell.client(chongqing).get(new).json["unit"], official.get(new).json["unit"]) == ("渝北窗口", "检测处")


def test_a_case_is_routed_where_it_was_filed_too_and_again_when_it_is_reopened(cell: Cell, sichuan: UUID) -> None:
    item = opened(cell, sichuan)
    rule = add(cell, sichuan, item=item, unit="窗口一")
    url = filed(cell, sichuan, item)
    assert cell.client(sichuan).get(url).json["unit"] == "窗口一"
    for action, body in (("accept", {}), ("decide", {"outcome": "approved", **REASON}), ("deliver", {})):
        done(cell, sichuan, url, action, **body)
    assert cell.client(sichuan).patch(f"/v1/duty-rules/{rule['id']}", {"unit": "窗口二"}).json["unit"] == "窗口二"
    assert cell.client(sichuan).get(url).json["unit"] == "窗口一"
    assert done(cell, sichuan, url, "reopen", **REASON)["unit"] == "窗口二"


def test_a_dry_run_says_which_rule_decides_and_why_and_writes_nothing(cell: Cell, guizhou: UUID) -> None:
    item, official = opened(cell, guizhou), cell.client(guizhou)
    ask = {"item": item, "division": "511623"}
    nothing = official.get("/v1/duty-rules/route", query_string=ask).json
    assert (nothing["unit"], nothing["fitting"]) == (None, [])
    anything, exact = add(cell, guizhou, unit="总值班"), add(cell, guizhou, item=item, person=str(PERSON))
    found = official.get("/v1/duty-rules/route", query_string=ask).json
    assert (found["unit"], found["person"], found["is_substitute"]) == ("检测处", str(PERSON), False)
    assert [(one["rule"], one["by"]) for one in found["fitting"]] == [
        (exact["id"], ["item"]),
        (anything["id"], ["anything"]),
    ]
    assert "more exactly than by 1 more" in found["why"]["en"]
    with cell.session(guizhou) as session:
        assert session.scalars(select(Routing)).all() == session.scalars(select(Assignment)).all() == []
    unknown = official.get("/v1/duty-rules/route", query_string={"item": str(uuid4())})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/item")


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"division": "519999", "substitute": str(OTHER)}, ["/division", "/substitute"]),
        ({"person": str(PERSON), "substitute": str(PERSON)}, ["/substitute"]),
        ({"person": str(PERSON), "absent_from": "2027-01-02", "absent_until": "2027-01-01"}, ["/absent_until"]),
        ({"item": str(ITEM), "category": "testing"}, ["/category"]),
        ({"park": str(PARK), "division": "510000"}, ["/division"]),
        ({"park": str(PARK)}, ["/park"]),
        ({"item": str(ITEM)}, ["/item"]),
    ],
)
def test_what_does_not_go_together_is_named(
    cell: Cell, guizhou: UUID, changes: dict[str, Any], pointers: list[str]
) -> None:
    answer = cell.client(guizhou).post("/v1/duty-rules", {"unit": "处", **changes})
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, pointers)


def test_no_two_rules_ask_for_the_same_and_what_is_done_to_them_is_audited(cell: Cell, guizhou: UUID) -> None:
    official, first = cell.client(guizhou), add(cell, guizhou, category="testing")
    assert official.post("/v1/duty-rules", {"unit": "另一处", "category": "testing"}).json["code"] == "duty_rule_exists"
    second = add(cell, guizhou, category="policy")
    changed = official.patch(f"/v1/duty-rules/{second['id']}", {"category": "testing"})
    assert changed.json["code"] == "duty_rule_exists"
    old = {"If-Match": '"1.7"'}
    assert official.patch(f"/v1/duty-rules/{first['id']}", {"unit": "x"}, headers=old).status_code == 412
    assert official.post(f"/v1/duty-rules/{first['id']}/remove", {}).status_code == 200
    assert official.get(f"/v1/duty-rules/{first['id']}").status_code == 404
    cell.sweep(guizhou)
    told = cell.client(guizhou, "audit_administrator").get("/v1/audit?limit=100").json["items"]
    acts = [(one["act"], one["outcome"]) for one in told if one["act"].startswith("requests.duty_rule")]
    assert sorted(acts) == [
        ("requests.duty_rule.drawn", "done"), ("requests.duty_rule.drawn", "done"),
        ("requests.duty_rule.drawn", "refused"), ("requests.duty_rule.drawn", "refused"),
        ("requests.duty_rule.drawn", "refused"), ("requests.duty_rule.removed", "done"),
    ]  # fmt: skip
    assert cell.client(guizhou, "clerk").post("/v1/duty-rules", {"unit": "x"}).json["code"] == "scope_missing"


def test_the_table_is_no_other_tenants_and_no_organisations(cell: Cell, sichuan: UUID, guizhou: UUID) -> None:
    item = opened(cell, guizhou)
    organisation = registered(cell.client(sichuan))["id"]
    cell.carry()
    add(cell, guizhou, person=str(PERSON))
    filed(cell, sichuan, item)
    for context in ({"organisation_id": UUID(organisation), "scope": "organisation"}, {}):
        with cell.session(sichuan, **context) as session:
            assert [session.scalars(select(kind)).all() for kind in (DutyRule, Routing, Assignment)] == [[], [], []]
            assert [str(one.organisation_id) for one in session.scalars(select(Place))] == [organisation]
    with cell.session(guizhou, organisation_id=uuid4(), scope="organisation") as session:
        assert [session.scalars(select(kind)).all() for kind in (DutyRule, Routing, Place)] == [[], [], []]
    with cell.session(guizhou) as session:
        assert len(session.scalars(select(Routing)).all()) == 1
