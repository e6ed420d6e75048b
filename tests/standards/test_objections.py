"""Objections to a recognition: answered in time, or the proposal ends and what was in force is suspended."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.standards.domain.objections import LONGEST_TERM, MOST, SHORTEST_TERM, TERM_DAYS, extended, raised
from shared.core.calendar import day_of
from shared.core.errors import ConflictError
from tests.builders.cell import Cell
from tests.standards.given import given_standard
from tests.standards.recognition import act, item_draft, pass_days, proposed, recognised

REASON = {"reason": "检测方法不一致"}
ANSWER = {"objection": 1, "answer": "已按同一方法复测。"}


@pytest.fixture
def standard(cell: Cell, chongqing: UUID) -> UUID:
    return given_standard(cell, chongqing)


@pytest.fixture
def proposal(cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID) -> str:
    return proposed(cell, sichuan, chongqing, standard=standard, mutual=True)


@pytest.fixture
def holding(cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID) -> str:
    return f"/v1/recognitions/{recognised(cell, sichuan, chongqing, standard=standard)['id']}"


def seen(cell: Cell, url: str, *tenants: UUID) -> dict:
    views = [cell.client(tenant).get(url).json for tenant in tenants]
    same = {"allowed_actions": [], "names": {}}
    assert all({**view, **same} == {**views[0], **same} for view in views)
    return views[0]


def states(view: dict) -> tuple[str, list[str]]:
    return view["state"], [one["state"] for one in view["objections"]]


def test_nobody_agrees_over_an_objection_until_the_other_side_has_answered(cell, sichuan, chongqing, proposal):
    assert act(cell, chongqing, f"{proposal}/objections", REASON)["status"] == 200
    assert act(cell, sichuan, f"{proposal}/agree")["code"] == "objection_open"
    assert act(cell, chongqing, f"{proposal}/answer", ANSWER)["code"] == "not_for_objector"
    assert "answer" in cell.client(sichuan).get(proposal).json["allowed_actions"]
    assert "answer" not in cell.client(chongqing).get(proposal).json["allowed_actions"]
    assert act(cell, sichuan, f"{proposal}/answer", ANSWER)["status"] == 200
    answered = seen(cell, proposal, sichuan, chongqing)
    assert states(answered) == ("proposed", ["closed"])
    assert [answered["objections"][0][name] for name in ("reason", "answer")] == [REASON["reason"], ANSWER["answer"]]
    assert act(cell, sichuan, f"{proposal}/answer", ANSWER)["code"] == "objection_settled"
    assert act(cell, sichuan, f"{proposal}/agree")["status"] == 200
    assert act(cell, chongqing, f"{proposal}/agree")["status"] == 200
    pass_days(cell, LONGEST_TERM)
    assert states(seen(cell, proposal, sichuan, chongqing)) == ("in_force", ["closed"])


def test_a_proposal_ends_when_an_objection_to_it_stays_without_answer(cell, sichuan, chongqing, proposal):
    assert act(cell, chongqing, f"{proposal}/objections", REASON)["status"] == 200
    view = seen(cell, proposal, sichuan, chongqing)
    assert view["objections"][0]["answer_by"] == str(day_of(cell.clock.now()) + timedelta(days=TERM_DAYS))
    pass_days(cell, TERM_DAYS - 1)
    assert states(seen(cell, proposal, sichuan, chongqing)) == ("proposed", ["open"])
    pass_days(cell, 2)
    ended = seen(cell, proposal, sichuan, chongqing)
    assert states(ended) == ("ended", ["lapsed"])
    assert [period["state"] for period in ended["spells"]] == ["proposed", "ended"]


def test_what_is_in_force_is_suspended_until_who_objected_resumes(cell, sichuan, chongqing, holding):
    assert act(cell, sichuan, f"{holding}/objections", {**REASON, "days": SHORTEST_TERM})["status"] == 200
    pass_days(cell, SHORTEST_TERM + 1)
    suspended = seen(cell, holding, sichuan, chongqing)
    assert states(suspended) == ("suspended", ["lapsed"])
    assert suspended["suspended_by"] == str(sichuan)
    told = [item["type"].split(".")[2] for item in cell.client(chongqing).get(f"{holding}/timeline").json["items"]]
    assert told[:2] == ["suspended", "objection_lapsed"]
    assert act(cell, chongqing, f"{holding}/resume")["code"] == "suspender_only"
    assert act(cell, sichuan, f"{holding}/resume")["status"] == 200


def test_each_of_several_objections_has_its_own_term(cell, sichuan, chongqing, holding):
    for who, days in ((sichuan, 20), (chongqing, 10), (sichuan, 30)):
        assert act(cell, who, f"{holding}/objections", {**REASON, "days": days})["status"] == 200
    assert act(cell, sichuan, f"{holding}/answer", {**ANSWER, "objection": 2})["status"] == 200
    pass_days(cell, 11)
    assert states(seen(cell, holding, sichuan, chongqing)) == ("in_force", ["open", "closed", "open"])
    pass_days(cell, 10)
    assert states(seen(cell, holding, sichuan, chongqing)) == ("suspended", ["lapsed", "closed", "open"])
    assert act(cell, chongqing, f"{holding}/answer", {**ANSWER, "objection": 3})["status"] == 200
    pass_days(cell, 11)
    assert states(seen(cell, holding, sichuan, chongqing)) == ("suspended", ["lapsed", "closed", "closed"])


def test_an_objection_stops_a_new_edition_as_well(cell, sichuan, chongqing, standard, holding):
    edition = {"items": [item_draft(standard, sectors=["家具"])]}
    assert act(cell, chongqing, f"{holding}/editions", edition)["status"] == 200
    assert act(cell, chongqing, f"{holding}/objections", REASON)["status"] == 200
    assert act(cell, sichuan, f"{holding}/agree")["code"] == "objection_open"
    assert seen(cell, holding, sichuan, chongqing)["edition"] == 1


def test_an_objection_waits_while_it_is_ended_by_mistake_and_then_has_a_term_again(cell, sichuan, chongqing, holding):
    assert act(cell, sichuan, f"{holding}/objections", {**REASON, "days": SHORTEST_TERM})["status"] == 200
    assert act(cell, sichuan, f"{holding}/end", REASON)["status"] == 200
    pass_days(cell, 20)
    assert states(seen(cell, holding, sichuan, chongqing)) == ("ended", ["open"])
    assert act(cell, sichuan, f"{holding}/restore", REASON)["status"] == 200
    assert states(seen(cell, holding, sichuan, chongqing)) == ("in_force", ["open"])
    assert act(cell, chongqing, f"{holding}/answer", ANSWER)["status"] == 200


def test_an_unknown_objection_and_a_term_out_of_bounds_are_refused(cell, sichuan, chongqing, holding):
    assert act(cell, chongqing, f"{holding}/answer", ANSWER)["code"] == "objection_unknown"
    for days in (SHORTEST_TERM - 1, LONGEST_TERM + 1):
        refused = cell.client(sichuan).post(f"{holding}/objections", {**REASON, "days": days})
        assert [error["pointer"] for error in refused.json["errors"]] == ["/days"]


def test_objections_are_bounded():
    day = date(2026, 7, 1)
    objections: list = []
    for _one in range(MOST):
        objections = raised(objections, by=UUID(int=1), digest="sha256:0", answer_by=day)
    assert [one["objection"] for one in objections] == list(range(1, MOST + 1))
    assert {one["answer_by"] for one in extended(objections, day)} == {str(day + timedelta(days=SHORTEST_TERM))}
    with pytest.raises(ConflictError, match="the most there may be"):
        raised(objections, by=UUID(int=1), digest="sha256:0", answer_by=day)
