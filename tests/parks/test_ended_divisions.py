"""Parks and divisions that have ended: the codes of the founding stay, a new park names divisions of today."""

from __future__ import annotations

import pytest

from tests.parks.builders import Story, park_draft

ENDED = "500112"


@pytest.fixture
def story(cell, sichuan, chongqing):
    return Story(cell, sichuan, chongqing)


def test_a_park_older_than_the_reform_keeps_the_codes_of_its_founding(story, sichuan):
    assert story.draft(location=ENDED, starts_on="2020-12-29")["location"] == ENDED
    assert story.patch(sichuan, "", {"name_en": "Gaozhu", "location": ENDED})["status"] == 200
    answer = story.patch(sichuan, "", {"starts_on": "2026-06-01"})
    assert (answer["code"], answer["errors"][0]["pointer"]) == ("division_ended", "/location")


@pytest.mark.parametrize("starts_on", [None, "2026-02-01", "2030-01-01"])
def test_a_new_park_names_divisions_of_today(story, sichuan, chongqing, starts_on):
    draft = park_draft(sichuan, chongqing, starts_on=starts_on)
    draft["parties"][1]["division"] = ENDED
    answer = story.post(sichuan, "/v1/parks", draft)
    assert (answer["status"], answer["code"]) == (422, "division_ended")
    assert answer["errors"][0]["pointer"] == "/parties/1/division"
    assert "500157" in answer["message"]["en"]
