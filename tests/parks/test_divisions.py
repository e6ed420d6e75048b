"""Where a park lies: its location in the territory of a party, each party's division in the party's own."""

from __future__ import annotations

import pytest

from shared.core.context import PLATFORM
from tests.parks.builders import Story, park_draft


@pytest.fixture
def story(cell):
    return Story(
        cell,
        cell.tenant("sichuan", division_codes=["510000"]),
        cell.tenant("chongqing", division_codes=["500000"]),
    )


def drafted(story, *, location="511623", divisions=("511600", "500153")):
    draft = park_draft(*story.parties, location=location)
    for party, division in zip(draft["parties"], divisions, strict=True):
        party["division"] = division
    return story.post(story.parties[0], "/v1/parks", draft)


def test_divisions_lie_in_the_territory_of_whom_they_stand_for(story):
    made = drafted(story)
    assert made["status"] == 201, made
    swapped = drafted(story, divisions=("500153", "511600"), location="430100")
    assert (swapped["status"], swapped["code"]) == (422, "division_elsewhere")
    pointers = [fault["pointer"] for fault in swapped["errors"]]
    assert pointers == ["/location", "/parties/0/division", "/parties/1/division"]
    twice = drafted(story, divisions=("511600", "511600"))
    assert [fault["pointer"] for fault in twice["errors"]] == ["/parties/1/division"]


def test_a_revision_from_another_tenant_is_checked_where_it_runs_and_asks_not_again_of_what_stays(story, cell):
    sichuan, chongqing = story.parties
    story.url = f"/v1/parks/{drafted(story)['id']}"
    refused = story.patch(chongqing, "", {"location": "430100"})
    assert (refused["status"], refused["code"]) == (422, "division_elsewhere")
    assert story.patch(chongqing, "", {"location": "500153"})["status"] == 200
    platform = cell.client(PLATFORM, "system_administrator")
    smaller = platform.patch(f"/v1/tenants/{chongqing}", {"division_codes": ["500157"]})
    assert smaller.status_code == 200, smaller.json
    cell.carry()
    assert story.patch(sichuan, "", {"name_en": "Gaozhu"})["status"] == 200


def test_a_region_brings_a_division_of_its_members_of_that_day(story, cell):
    with cell.session(story.parties[0]) as session:
        code = session.directory.listing(session, story.parties[0]).code
    members = [{"tenant": code, "division": "511600", "since": "2020-01-01", "until": "2022-01-01"}]
    region = cell.tenant("circle", tenant_kind="region", division_codes=[], members=members)

    def answer(starts_on):
        draft = park_draft(story.parties[0], region, starts_on=starts_on, location=None)
        draft["parties"][1]["division"] = "511623"
        return story.post(story.parties[0], "/v1/parks", draft)

    assert answer("2021-06-01")["status"] == 201
    assert answer("2023-06-01")["code"] == "division_elsewhere"
