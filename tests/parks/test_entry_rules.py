"""Entry rules: who sets them when, and what becomes of one whose standard is decided about."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.parks.domain import entry_rules as rules
from shared.core.errors import ConflictError, InvalidError, RefusedError
from tests.parks.builders import Story

STANDARD = uuid4()
GIVEN = {"standard": STANDARD, "text_zh": "符合本标准", "text_en": None}


@pytest.fixture
def story(cell, sichuan, chongqing):
    return Story(cell, sichuan, chongqing)


def test_a_rule_about_the_same_standard_keeps_its_state():
    before = [{**rule, "state": "suspended"} for rule in rules.with_rules(None, [GIVEN])]
    after = rules.with_rules(before, [{**GIVEN, "text_zh": "改"}, {**GIVEN, "standard": uuid4()}])
    assert [(rule["text_zh"], rule["state"]) for rule in after] == [("改", "suspended"), ("符合本标准", "valid")]


def test_a_standard_has_one_rule():
    with pytest.raises(InvalidError, match="standard_twice"):
        rules.with_rules(None, [GIVEN, GIVEN])


def test_a_removed_rule_rests_on_nothing_and_can_come_back():
    removed = rules.with_outcome(rules.with_rules(None, [GIVEN]), STANDARD, outcome="removed")
    assert rules.cites(removed) == ()
    assert rules.cites(rules.with_outcome(removed, STANDARD, outcome="restored")) == (f"standard:{STANDARD}",)
    assert rules.with_outcome(removed, uuid4(), outcome="restored") == removed
    assert rules.with_outcome(removed, STANDARD, outcome="kept") == removed


def test_in_a_park_in_force_its_home_alone_sets_them():
    rules.check_setter("negotiating", is_home=False)
    rules.check_setter("suspended", is_home=True)
    with pytest.raises(RefusedError):
        rules.check_setter("active", is_home=False)
    with pytest.raises(ConflictError):
        rules.check_setter("dissolved", is_home=True)


def test_entry_rules_are_set_by_any_party_of_a_draft_and_seen_by_all(story, sichuan, chongqing):
    story.draft()
    body = {"entry_rules": [{"standard": str(STANDARD), "text_zh": "符合本标准"}]}
    assert story.post(chongqing, "/entry-rules", body)["status"] == 200
    shown = story.get(sichuan)
    assert [(rule["standard"], rule["state"]) for rule in shown["entry_rules"]] == [(str(STANDARD), "valid")]
    assert "set_entry_rules" in shown["allowed_actions"]


def test_a_park_in_force_refuses_rules_of_a_party_that_is_not_home(story, sichuan, chongqing):
    story.active()
    body = {"entry_rules": [{"standard": str(STANDARD), "text_zh": "符合本标准"}]}
    assert story.post(chongqing, "/entry-rules", body)["code"] == "home_only"
    assert "set_entry_rules" not in story.get(chongqing)["allowed_actions"]
    assert story.post(sichuan, "/entry-rules", body)["status"] == 200
