"""Two requirement sheets side by side, the one made of them, and what happens when a source changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.standards.domain.differences import AGREED, STRICTEST, counted, differences, merged
from services.standards.domain.projects import stale_sources
from shared.core.errors import InvalidError
from tests.standards.drafting import Drafting, later, line, released, today


def verdict(left, right) -> str:
    (found,) = differences([left], [right])
    return found.verdict


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("<=", "0.1"), ("<=", "0.1"), "same"),
        (("<=", "0.1"), ("<=", "0.124"), "left_stricter"),
        (("<=", "9"), ("<=", "10"), "left_stricter"),
        (("<", "0.1"), ("<=", "0.1"), "left_stricter"),
        (("<=", "0.1"), ("<", "0.1"), "right_stricter"),
        ((">=", "5"), (">=", "3"), "left_stricter"),
        ((">", "5"), (">=", "5"), "left_stricter"),
        ((">=", "-5"), (">=", "-3"), "right_stricter"),
        (("=", "5"), ("<=", "5"), "left_stricter"),
        (("=", "5"), ("<", "5"), "different"),
        (("=", "5"), ("=", "6"), "different"),
        (("<=", "5"), (">=", "3"), "different"),
        (("<=", "18.0"), ("<=", "18"), "written_otherwise"),
        ((">=", "0.50"), (">=", "0.5"), "written_otherwise"),
        (("<", "18.0"), ("<=", "18"), "left_stricter"),
        (("text", "18.0"), ("text", "18"), "different"),
        (("text", "E1 级"), ("text", "E1 级"), "same"),
        (("text", "E1 级"), ("text", "E0 级"), "different"),
        (("text", "5"), ("=", "5"), "different"),
    ],
)
def test_the_stricter_side_is_the_one_whose_values_the_other_admits_too(left, right, expected):
    sides = [line("甲醛", comparison, limit) for comparison, limit in (left, right)]
    assert verdict(*sides) == expected
    mirror = {"left_stricter": "right_stricter", "right_stricter": "left_stricter"}
    assert verdict(*reversed(sides)) == mirror.get(expected, expected)


@pytest.mark.parametrize("other", [{"unit": "μg/m³"}, {"method": None}])
def test_another_unit_or_method_cannot_be_compared(other):
    assert verdict(line(limit="0.1"), line(limit="0.2", **other)) == "different"


LEFT = [line("甲醛", "<=", "0.1", materials=["甲"]), line("苯", "text", "不得检出"), line("铅", "<=", "90")]
RIGHT = [line("甲醛", "<=", "0.2", materials=["乙"]), line("苯", "<=", "0.1"), line("镉", "<=", "75")]


def test_the_strictest_sheet_takes_the_stricter_limits_all_materials_and_what_is_chosen():
    sheet = merged(differences(LEFT, RIGHT), STRICTEST, choices={"苯": "right"})
    assert [(item["parameter"], item["limit"]) for item in sheet] == [
        ("甲醛", "0.1"), ("苯", "0.1"), ("铅", "90"), ("镉", "75"),
    ]  # fmt: skip
    assert sheet[0]["materials"] == ["甲", "乙"]


def test_the_agreed_sheet_is_what_was_chosen_line_by_line():
    choices = {"甲醛": "right", "苯": "left", "铅": "right", "镉": "right"}
    sheet = merged(differences(LEFT, RIGHT), AGREED, choices=choices)
    assert sheet == [RIGHT[0], LEFT[1], RIGHT[2]]


@pytest.mark.parametrize(
    ("rule", "choices", "places"),
    [
        (STRICTEST, {}, ["/choices/苯"]),
        (STRICTEST, {"苯": "left", "甲醛": "left"}, ["/choices/甲醛"]),
        (AGREED, {"苯": "left"}, ["/choices/甲醛", "/choices/铅", "/choices/镉"]),
        (STRICTEST, {"苯": "left", "a/b~": "left"}, ["/choices/a~1b~0"]),
    ],
)
def test_a_missing_or_needless_choice_is_named(rule, choices, places):
    with pytest.raises(InvalidError) as refused:
        merged(differences(LEFT, RIGHT), rule, choices=choices)
    assert [fault.pointer for fault in refused.value.faults] == places


def test_which_digits_of_one_number_are_written_is_chosen() -> None:
    found = differences([line("含水率", "<=", "18.0")], [line("含水率", "<=", "18")])
    with pytest.raises(InvalidError):
        merged(found, STRICTEST, choices={})
    assert [item["limit"] for item in merged(found, STRICTEST, choices={"含水率": "left"})] == ["18.0"]


def test_every_parameter_is_counted_once():
    assert counted(differences(LEFT, RIGHT)) == {
        "same": 0, "only_left": 1, "only_right": 1, "left_stricter": 1, "right_stricter": 0,
        "written_otherwise": 0, "different": 1,
    }  # fmt: skip


@pytest.fixture
def pair(cell, sichuan, chongqing):
    """Two standards on one subject, and the two tenants about to merge them."""
    subject = f"furniture-{uuid4().hex[:8]}"
    sides = [
        released(cell, tenant, sheet=sheet, subject=subject)
        for tenant, sheet in ((sichuan, LEFT), (chongqing, RIGHT))
    ]  # fmt: skip
    return Drafting(cell, sichuan, chongqing), *sides


def merge(drafting, left, right, **changes):
    body = {"left": left["id"], "right": right["id"], "rule": "strictest", "choices": {"苯": "left"}, **changes}
    return drafting.post(drafting.lead, "/v1/projects/merged", body)


def test_anybody_on_the_platform_sees_the_differences_of_two_standards(pair, cell):
    _drafting, left, right = pair
    stranger = cell.client(cell.tenant("hubei"))
    names = {"left": left["id"], "right": right["id"]}
    shown = stranger.get("/v1/standards/differences", query_string=names).json
    assert (shown["same_subject"], shown["counts"]["different"], len(shown["rows"])) == (True, 1, 4)
    first = shown["rows"][0]
    assert (first["verdict"], first["only_left_materials"], first["only_right_materials"]) == (
        "left_stricter", ["甲"], ["乙"],
    )  # fmt: skip
    assert shown["rows"][3]["left"] is None
    unknown = stranger.get("/v1/standards/differences", query_string={**names, "right": str(uuid4())})
    assert unknown.status_code == 404


def test_a_merged_sheet_becomes_a_joint_project_of_both_issuers_and_is_signed(pair, sichuan, chongqing):
    drafting, left, right = pair
    made = drafting.opened(merge(drafting, left, right))
    assert [item["tenant"] for item in made["issuers"]] == [str(sichuan), str(chongqing)]
    assert [source["standard"] for source in made["merged_from"]] == [left["id"], right["id"]]
    assert (made["stale"], [item["limit"] for item in made["sheet"]]) == (False, ["0.1", "不得检出", "90", "75"])
    drafting.present()
    assert [issuer["tenant"] for issuer in drafting.conclude()["issuers"]] == [str(sichuan), str(chongqing)]


def test_only_standards_in_force_on_one_subject_are_merged_by_one_of_their_issuers(pair, cell, sichuan):
    drafting, left, right = pair
    other = released(cell, sichuan)
    for sides, place in (((left, other), "/right"), ((left, left), "/right"), (({"id": str(uuid4())}, right), "/left")):
        answer = merge(drafting, *sides)
        assert (answer["status"], answer["code"], answer["errors"][0]["pointer"]) == (422, "sources_invalid", place)
    missing = merge(drafting, left, right, choices={})
    assert (missing["status"], [fault["pointer"] for fault in missing["errors"]]) == (422, ["/choices/苯"])
    body = {"left": left["id"], "right": right["id"], "rule": "strictest", "choices": {"苯": "left"}}
    stranger = cell.client(cell.tenant("hubei")).post("/v1/projects/merged", body)
    assert (stranger.status_code, stranger.json["code"]) == (422, "issuers_invalid")


def test_a_source_is_stale_when_its_text_changed_or_it_is_not_known_or_not_in_force():
    key, moment = uuid4(), datetime(2026, 11, 22, tzinfo=UTC)
    periods = [{"state": "in_force", "from": "2026-11-22T00:00:00.000000Z"}]
    state = {"content_hash": "a", "spells": periods, "numbers": ["DB虚/T 1"]}
    for content, known, when, expected in (
        ("a", {key: state}, moment, []),
        ("b", {key: state}, moment, ["changed"]),
        ("a", {}, moment, ["unknown"]),
        ("a", {key: state}, moment - timedelta(microseconds=1), ["not_in_force"]),
    ):
        merged_from = [{"standard": str(key), "content_hash": content}]
        found = stale_sources(merged_from, known, moment=when)
        assert [source["why"] for source in found] == expected


def withdraw(drafting, standard) -> None:
    body = {"effective_on": today(drafting.cell), "reason": "已有新标准"}
    owner = next(tenant for tenant in drafting.issuers if str(tenant) == standard["tenant"])
    assert drafting.post(owner, f"/v1/standards/{standard['id']}/withdraw", body)["status"] == 200


def test_a_merge_whose_source_ended_is_stale_and_neither_presented_nor_signed(pair, chongqing):
    drafting, left, right = pair
    drafting.opened(merge(drafting, left, right))
    drafting.present()
    assert drafting.sign(chongqing)["status"] == 200
    withdraw(drafting, right)
    for tenant in drafting.issuers:
        seen = drafting.get(tenant)
        sources = [(source["standard"], source["why"]) for source in seen["stale_sources"]]
        assert (seen["stale"], sources) == (True, [(right["id"], "not_in_force")])
    refused = drafting.sign(drafting.lead)
    assert (refused["status"], refused["code"]) == (409, "merge_stale")
    assert right["numbers"][0] in refused["message"]["en"]
    assert drafting.post(chongqing, "/refuse", {"reason": "须重新合并"})["status"] == 200
    assert drafting.post(drafting.lead, "/present")["code"] == "merge_stale"


def test_a_merge_is_stale_from_the_moment_its_source_is_to_end(pair, cell):
    drafting, left, right = pair
    drafting.opened(merge(drafting, left, right))
    newer = {"sheet": [line("甲醛", "<=", "0.05")], "subject": left["subject"], "effective_from": today(cell, 1)}
    released(cell, drafting.lead, replaces=[left["id"]], **newer)
    assert drafting.get(drafting.lead)["stale"] is False
    later(cell, 1)
    assert drafting.get(drafting.lead)["stale"] is True


def test_merging_again_takes_the_newer_standard_and_voids_the_signatures(pair, chongqing):
    drafting, left, right = pair
    drafting.opened(merge(drafting, left, right))
    drafting.present()
    drafting.sign(chongqing)
    sheet = [line("甲醛", "<=", "0.05"), line("苯", "<=", "0.2")]
    newer = released(drafting.cell, chongqing, replaces=[right["id"]], sheet=sheet, subject=right["subject"])
    assert drafting.get(chongqing)["stale"] is True
    again = {"rule": "strictest", "choices": {"苯": "right"}}
    refused = drafting.post(drafting.lead, "/refresh", again)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("sources_invalid", "/sources")
    body = {**again, "sources": [left["id"], newer["id"]]}
    assert drafting.post(chongqing, "/refresh", body)["status"] == 200
    seen = drafting.get(drafting.lead)
    assert (seen["stale"], seen["signatures"], seen["state"]) == (False, [], "signing")
    assert [(item["parameter"], item["limit"]) for item in seen["sheet"]] == [
        ("甲醛", "0.05"), ("苯", "0.2"), ("铅", "90"),
    ]  # fmt: skip
    assert drafting.sign(chongqing)["status"] == 200


def test_what_was_not_merged_cannot_be_merged_again(cell, sichuan):
    drafting = Drafting(cell, sichuan)
    drafting.open()
    assert "refresh" not in drafting.get(sichuan)["allowed_actions"]
    assert drafting.post(sichuan, "/refresh", {"rule": "strictest"})["code"] == "not_merged"
