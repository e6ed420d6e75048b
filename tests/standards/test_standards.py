"""Released standards: found by everybody, in force by their day, ended on theirs, and restored as if never ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from shared.core.calendar import day_of, start_of
from shared.rules.periods import state_at
from tests.standards.drafting import Drafting, found, later, released, today


def shown(cell, tenant, standard) -> dict:
    cell.carry()
    return cell.client(tenant).get(f"/v1/standards/{standard['id']}").json


def act(cell, tenant, standard, *, action, **body) -> dict:
    answer = cell.client(tenant).post(f"/v1/standards/{standard['id']}/{action}", {"reason": "标准复审结论", **body})
    cell.carry()
    return {**answer.json, "status": answer.status_code}


def history(cell, tenant, standard) -> list[str]:
    entries = cell.client(tenant).get(f"/v1/standards/{standard['id']}/timeline").json["items"]
    return [entry["type"].split(".")[2] for entry in reversed(entries)]


def test_a_standard_for_today_is_in_force_with_its_release(cell, sichuan):
    standard = released(cell, sichuan)
    assert (standard["state"], standard["version"]) == ("in_force", 1)
    assert [(period["state"], period["from"]) for period in standard["spells"]] == [
        ("in_force", standard["released_at"])
    ]  # fmt: skip


def test_a_standard_for_later_comes_into_force_by_timer_and_is_said_to_before(cell, sichuan):
    standard = released(cell, sichuan, effective_from=today(cell, 5))
    day = day_of(cell.clock.now()) + timedelta(days=5)
    assert standard["state"] == "published"
    assert state_at(standard["spells"], start_of(day)) == "in_force"
    assert state_at(standard["spells"], start_of(day) - timedelta(microseconds=1)) == "published"
    later(cell, 4)
    assert shown(cell, sichuan, standard)["state"] == "published"
    later(cell, 1)
    now = shown(cell, sichuan, standard)
    assert (now["state"], now["spells"]) == ("in_force", standard["spells"])
    assert history(cell, sichuan, standard) == ["released", "in_force"]


def test_the_list_finds_standards_by_number_subject_state_issuer_and_words(cell, sichuan, chongqing):
    mine, title = released(cell, sichuan, chongqing), f"试验标准{uuid4().hex[:8]}"
    other = released(cell, chongqing, title_zh=title, effective_from=today(cell, 9))
    stranger = cell.client(cell.tenant("hubei"))
    ids = {"mine": mine["id"], "other": other["id"]}
    for filters, expected in (
        ({"number": mine["numbers"][1]}, ["mine"]),
        ({"number": mine["numbers"][1][:-1]}, []),
        ({"subject": other["subject"]}, ["other"]),
        ({"tenant": str(sichuan)}, ["mine"]),
        ({"tenant": str(chongqing)}, ["other", "mine"]),
        ({"tenant": str(chongqing), "state": "published"}, ["other"]),
        ({"q": title[2:]}, ["other"]),
        ({"q": mine["numbers"][0][-8:]}, ["mine"]),
        ({"q": "%_"}, []),
    ):
        assert [item["id"] for item in found(stranger, **filters)] == [ids[name] for name in expected], filters
    pages = []
    cursor = {}
    while True:
        page = stranger.get("/v1/standards", query_string={"tenant": str(chongqing), "limit": 1, **cursor}).json
        pages += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [item["id"] for item in pages] == [other["id"], mine["id"]]


def test_a_withdrawal_is_known_at_once_and_done_on_its_day(cell, sichuan):
    standard = released(cell, sichuan)
    assert act(cell, sichuan, standard, action="withdraw", effective_on=today(cell, 2))["status"] == 200
    now = shown(cell, sichuan, standard)
    day = start_of(day_of(cell.clock.now()) + timedelta(days=2))
    assert (now["state"], now["reason"], now["allowed_actions"]) == ("in_force", "标准复审结论", ["restore"])
    assert [state_at(now["spells"], moment) for moment in (cell.clock.now(), day)] == ["in_force", "withdrawn"]
    later(cell, 2)
    assert shown(cell, sichuan, standard)["state"] == "withdrawn"
    assert history(cell, sichuan, standard) == ["released", "withdrawal_set", "ended"]


def test_a_withdrawal_for_today_takes_effect_at_once_and_one_in_the_past_is_refused(cell, sichuan):
    standard = released(cell, sichuan)
    past = act(cell, sichuan, standard, action="withdraw", effective_on=today(cell, -1))
    assert (past["status"], past["code"]) == (422, "effective_on_past")
    assert act(cell, sichuan, standard, action="withdraw", effective_on=today(cell))["state"] == "withdrawn"


def test_nobody_but_its_issuers_can_withdraw_a_standard(cell, sichuan, chongqing):
    standard = released(cell, sichuan)
    assert act(cell, chongqing, standard, action="withdraw", effective_on=today(cell))["status"] == 404
    assert cell.client(chongqing).get(f"/v1/standards/{standard['id']}/timeline").status_code == 404


def test_a_restored_standard_counts_as_if_it_had_never_been_withdrawn(cell, sichuan):
    standard = released(cell, sichuan)
    act(cell, sichuan, standard, action="withdraw", effective_on=today(cell))
    withdrawn = shown(cell, sichuan, standard)
    cell.clock.advance(timedelta(days=3))
    assert act(cell, sichuan, standard, action="restore")["status"] == 200
    now = shown(cell, sichuan, standard)
    assert (now["state"], now["ends"], now["spells"]) == ("in_force", None, standard["spells"])
    assert withdrawn["spells"][-1]["state"] == "withdrawn"
    assert act(cell, sichuan, standard, action="restore")["code"] == "nothing_to_restore"
    later(cell, 5)
    assert shown(cell, sichuan, standard)["state"] == "in_force"


@pytest.mark.parametrize("wait", [0, 4])
def test_a_standard_ended_before_its_first_day_is_restored_with_that_day(cell, sichuan, wait):
    standard = released(cell, sichuan, effective_from=today(cell, 3))
    act(cell, sichuan, standard, action="withdraw", effective_on=today(cell, 1))
    later(cell, wait)
    assert act(cell, sichuan, standard, action="restore")["status"] == 200
    now = shown(cell, sichuan, standard)
    assert (now["spells"], now["state"]) == (standard["spells"], "in_force" if wait else "published")
    later(cell, 3)
    assert shown(cell, sichuan, standard)["state"] == "in_force"


def test_a_later_standard_supersedes_on_its_first_day(cell, sichuan, chongqing):
    older = released(cell, sichuan)
    newer = released(cell, sichuan, replaces=[older["id"]], effective_from=today(cell, 2))
    before = shown(cell, chongqing, older)
    assert (before["state"], before["ends"]["by"], before["ends"]["on"]) == ("in_force", newer["id"], today(cell, 2))
    instants = [datetime.fromisoformat(period["from"]) for period in before["spells"]]
    assert instants[-1] == start_of(day_of(cell.clock.now()) + timedelta(days=2))
    later(cell, 2)
    assert [shown(cell, chongqing, one)["state"] for one in (older, newer)] == ["superseded", "in_force"]


def test_one_that_is_to_be_superseded_on_its_own_first_day_never_counts(cell, sichuan):
    older = released(cell, sichuan, effective_from=today(cell, 2))
    newer = released(cell, sichuan, replaces=[older["id"]], effective_from=today(cell, 2))
    later(cell, 2)
    assert [shown(cell, sichuan, one)["state"] for one in (older, newer)] == ["superseded", "in_force"]
    assert "in_force" not in history(cell, sichuan, older)


@pytest.mark.parametrize("case", ["foreign", "unknown", "ended"])
def test_what_is_not_ones_own_or_has_ended_cannot_be_replaced(cell, sichuan, chongqing, case):
    other = released(cell, chongqing if case == "foreign" else sichuan)
    if case == "ended":
        act(cell, sichuan, other, action="withdraw", effective_on=today(cell))
    drafting = Drafting(cell, sichuan)
    drafting.open(replaces=[str(uuid4()) if case == "unknown" else other["id"]])
    drafting.number()
    refused = drafting.post(sichuan, "/present")
    assert (refused["status"], refused["code"]) == (409, "not_replaceable")


def test_a_timer_that_comes_late_skips_what_is_over(cell, sichuan):
    standard = released(cell, sichuan, effective_from=today(cell, 1))
    act(cell, sichuan, standard, action="withdraw", effective_on=today(cell, 2))
    later(cell, 5)
    assert shown(cell, sichuan, standard)["state"] == "withdrawn"
    assert history(cell, sichuan, standard) == ["released", "withdrawal_set", "ended"]


def test_withdrawing_is_for_those_who_decide(cell, sichuan):
    standard = released(cell, sichuan)
    url = f"/v1/standards/{standard['id']}/withdraw"
    refused = cell.client(sichuan, "clerk").post(url, {"effective_on": today(cell), "reason": "无"})
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
