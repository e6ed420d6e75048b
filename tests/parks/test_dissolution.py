"""A park is dissolved on a day to which all have agreed, is in force until then, and all of them can call it off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.catalog import Change
from events.parks import (
    ConsentGiven,
    DissolutionCalledOff,
    DissolutionStarted,
    ParkDissolved,
    ParkResumed,
    ParkRevised,
    ParkWithdrawn,
)
from services.parks.commands.dissolving import COMPLETE
from services.parks.models import Park
from shared.core.calendar import day_of
from shared.journal.timers import schedule
from tests.builders.cell import Cell
from tests.parks.builders import Story, agreement_draft

REASON = {"reason": "汛期停工检查"}
NOTICE = 180


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    return Story(cell, sichuan, chongqing)


def day(cell, days=NOTICE):
    return day_of(cell.clock.now()) + timedelta(days=days)


def pass_days(cell, days):
    cell.clock.advance(timedelta(days=days))
    cell.run_timers()
    cell.carry()


def decided(story):
    on = day(story.cell)
    for tenant in story.parties:
        answer = story.dissolve(tenant, on)
        assert answer["status"] == 200, answer
    return on


def seen(story, *names):
    """What all parties see alike."""
    (first, *others) = [[story.get(tenant)[name] for name in names] for tenant in story.parties]
    assert others == [first] * len(others)
    return first[0] if len(names) == 1 else first


def test_it_shows_its_day_stays_in_force_until_then_and_ends_by_itself(story, cell, sichuan, chongqing):
    story.active()
    on = day(cell)
    assert story.dissolve(chongqing, on)["status"] == 200
    assert seen(story, "state", "dissolves_on") == ["active", None]
    proposed = {"dissolves_on": on.isoformat(), "proposed_by": str(chongqing), "reason": "规划调整"}
    assert seen(story, "dissolution") == proposed
    assert seen(story, "consents")["dissolve"] == [str(chongqing)]
    assert story.dissolve(sichuan, on, reason=None)["status"] == 200
    assert seen(story, "state", "dissolves_on") == ["active", on.isoformat()]
    assert story.post(sichuan, "/agreements", agreement_draft(sichuan, chongqing))["code"] == "park_closing"
    assert "propose" not in story.get(sichuan)["allowed_actions"]
    assert story.post(chongqing, "/suspend", REASON)["status"] == 200, "it is in force"
    for tenant in story.parties:
        assert story.post(tenant, "/resume")["status"] == 200
    pass_days(cell, NOTICE - 1)
    assert (seen(story, "state", "dissolves_on"), story.states("/agreements/1")) == (
        ["active", on.isoformat()], ["in_force"] * 2,
    )  # fmt: skip
    pass_days(cell, 1)
    assert (seen(story, "state"), story.states("/agreements/1")) == ("dissolved", ["ended"] * 2)


def test_it_ends_once_also_late_and_when_the_timer_runs_again(story, cell, sichuan):
    story.active()
    decided(story)
    pass_days(cell, NOTICE + 40)
    before = seen(story, "state", "version")
    assert before[0] == "dissolved"
    with cell.session(sichuan) as session:
        schedule(session, COMPLETE, aggregate=UUID(story.url.rpartition("/")[2]), due_at=cell.clock.now())
    pass_days(cell, 1)
    assert seen(story, "state", "version") == before


def test_a_day_before_the_notice_is_over_is_refused_with_the_earliest_one(story, cell, chongqing):
    story.active()
    for days in (-1, 0, NOTICE - 1):
        answer = story.dissolve(chongqing, day(cell, days))
        assert (answer["status"], answer["code"]) == (422, "dissolution_invalid")
        for text in answer["message"].values():
            assert day(cell).isoformat() in text
    assert story.dissolve(chongqing, day(cell), reason=None)["code"] == "dissolution_invalid"
    assert seen(story, "dissolution") is None


def test_without_an_agreement_it_ends_tomorrow_at_the_earliest(story, cell, sichuan, chongqing):
    story.draft()
    story.propose()
    assert story.dissolve(sichuan, day(cell, 0))["code"] == "dissolution_invalid"
    for tenant in (chongqing, sichuan):
        assert story.dissolve(tenant, day(cell, 1))["status"] == 200
    signed = story.post(sichuan, "/agreements/1/sign", {"content_hash": "0" * 64})
    assert (signed["status"], signed["code"]) == (409, "park_closing")
    pass_days(cell, 1)
    assert seen(story, "state") == "dissolved"


def test_another_day_begins_anew_and_a_consent_can_be_taken_back(story, cell, sichuan, chongqing):
    story.active()
    story.dissolve(sichuan, day(cell))
    assert story.dissolve(chongqing, day(cell, NOTICE + 1))["status"] == 200
    assert seen(story, "consents")["dissolve"] == [str(chongqing)]
    assert story.post(sichuan, "/call-off")["code"] == "not_consented"
    assert story.get(sichuan)["allowed_actions"] == ["dissolve", "propose", "set_entry_rules", "suspend"]
    assert story.get(chongqing)["allowed_actions"] == ["call_off", "propose", "suspend"]
    assert story.post(chongqing, "/call-off")["status"] == 200
    assert seen(story, "dissolution") is None
    assert story.post(chongqing, "/call-off")["code"] == "nothing_to_call_off"


def test_nobody_agrees_to_a_day_that_is_over(story, cell, sichuan, chongqing):
    story.active()
    on = day(cell)
    story.dissolve(sichuan, on)
    pass_days(cell, NOTICE)
    answer = story.dissolve(chongqing, on)
    assert (answer["status"], answer["code"]) == (409, "dissolution_day_past")
    assert story.dissolve(chongqing, day(cell))["status"] == 200


def test_all_together_call_it_off_and_the_park_goes_on(story, cell, sichuan, chongqing):
    story.active()
    decided(story)
    assert story.dissolve(sichuan, day(cell, 400))["code"] == "dissolution_set"
    assert story.post(chongqing, "/call-off")["status"] == 200
    assert seen(story, "dissolves_on") is not None
    assert seen(story, "consents")["call_off"] == [str(chongqing)]
    assert "call_off" not in story.get(chongqing)["allowed_actions"]
    assert story.post(chongqing, "/call-off")["code"] == "already_consented"
    assert story.post(sichuan, "/call-off")["status"] == 200
    assert seen(story, "dissolves_on", "dissolution") == [None, None]
    assert seen(story, "consents") == {"resume": [], "dissolve": [], "call_off": []}
    pass_days(cell, NOTICE + 1)
    assert seen(story, "state") == "active"


def test_parties_stay_while_a_dissolution_is_on_the_table(story, cell, sichuan, chongqing):
    story.draft()
    story.propose()
    story.post(sichuan, "/agreements/1/withdraw", REASON)
    story.dissolve(sichuan, day(cell, 9))
    parties = story.get(sichuan)["parties"]
    swapped = [{**party, "role": "host"} for party in parties]
    assert story.patch(chongqing, "", {"parties": swapped})["code"] == "parties_settled"


def said(story: Story, change: Change, **fields: Any) -> None:
    """A version that the home signs whatever stands in it."""
    cell, home = story.cell, story.parties[0]
    with cell.session(home) as session:
        park = session.locked(Park, UUID(story.url.rpartition("/")[2]))
        for name, value in fields.items():
            setattr(park, name, value)
        session.publish(park, change)
    cell.carry()


def consents(**given: list[UUID]) -> dict[str, list[str]]:
    return {name: [str(one) for one in given.get(name, [])] for name in ("resume", "dissolve", "call_off")}


LIES = (
    "consent", "consent hidden in a revision", "consent to resume", "another day", "resumed", "dissolved",
    "dissolved early", "called off", "withdrawn", "back to a draft",
)  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_home_speaks_for_itself_alone(story, cell, sichuan, chongqing, lie):
    story.active()
    on, all_agree = day(cell).isoformat(), consents(dissolve=list(story.parties))
    dissolution = {"dissolves_on": on, "proposed_by": str(sichuan), "reason_digest": None}
    if lie in ("dissolved early", "called off", "another day"):
        decided(story)
    if lie in ("resumed", "consent to resume"):
        story.post(chongqing, "/suspend", REASON)
    before = story.get(chongqing)
    forged: dict[str, tuple[Change, dict[str, Any]]] = {
        "consent": (ConsentGiven(action="dissolve"), {"dissolution": dissolution, "consents": all_agree}),
        "consent hidden in a revision": (
            ParkRevised(changes={}), {"dissolution": dissolution, "consents": consents(dissolve=[sichuan, chongqing])}
        ),
        "consent to resume": (ConsentGiven(action="resume"), {"consents": consents(resume=list(story.parties))}),
        "another day": (
            DissolutionStarted(due_on=day(cell, 1)),
            {"dissolution": {**dissolution, "dissolves_on": day(cell, 1).isoformat()}, "consents": all_agree},
        ),
        "resumed": (ParkResumed(), {"state": "active", "consents": consents()}),
        "dissolved": (ParkDissolved(cites=()), {"state": "dissolved"}),
        "dissolved early": (ParkDissolved(cites=()), {"state": "dissolved"}),
        "called off": (DissolutionCalledOff(), {"dissolution": None, "consents": consents()}),
        "withdrawn": (ParkWithdrawn(reason=None, cites=()), {"state": "withdrawn"}),
        "back to a draft": (ParkRevised(changes={}), {"state": "negotiating"}),
    }  # fmt: skip
    change, fields = forged[lie]
    said(story, change, **fields)
    assert story.get(sichuan)["version"] == before["version"] + 1, "what the home believes"
    assert story.get(chongqing) == before


def test_a_third_party_hears_no_consent_without_the_command_behind_it(cell, sichuan, chongqing):
    story = Story(cell, sichuan, chongqing, cell.tenant("guizhou"))
    story.active()
    before = story.get(story.parties[2])["version"]
    with cell.session(sichuan, acting_id=chongqing) as session:
        park = session.locked(Park, UUID(story.url.rpartition("/")[2]))
        dissolution = {"dissolves_on": "2100-01-01", "proposed_by": str(chongqing), "reason_digest": None}
        park.dissolution, park.consents = dissolution, consents(dissolve=[chongqing])
        session.publish(park, ConsentGiven(action="dissolve"))
    cell.carry()
    assert story.get(sichuan)["version"] == before + 1
    assert [story.get(tenant)["version"] for tenant in story.parties[1:]] == [before] * 2


def test_a_party_of_what_all_have_signed_is_not_left_out(story, cell, sichuan, chongqing):
    story.active()
    before = story.get(chongqing)
    guizhou = cell.tenant("guizhou")
    kept = [party for party in before["parties"] if party["tenant"] != str(chongqing)]
    parties = [*kept, {"tenant": str(guizhou), "role": "partner", "division": None}]
    said(story, ParkRevised(changes={}), parties=parties, party_ids=sorted([sichuan, guizhou]))
    assert story.get(chongqing) == before
