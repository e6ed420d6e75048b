"""A mutual recognition holds by what both sides have signed: nobody accepts anything by the other's word."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from events.canonical import instant
from events.standards import RecognitionInForce, RecognitionResumed
from services.standards.domain.consent import AGREE_COMMAND
from shared.keys.documents import signed
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell
from tests.standards.given import given_standard, period
from tests.standards.lying import LIES, REASON, Pair
from tests.standards.recognition import act, item_draft, proposed, read, recognised


@pytest.fixture
def pair(cell: Cell) -> Pair:
    return Pair(cell)


def test_what_both_have_signed_holds_on_both_sides(pair):
    assert not pair.counts()
    pair.recognised()
    assert pair.counts()
    assert not pair.is_parked()


def test_it_begins_with_a_proposal(pair):
    pair.begin()
    assert not pair.counts()
    assert pair.is_parked()


def test_a_recognition_in_anothers_name_counts_at_no_time(pair):
    pair.begin(recogniser=pair.other, recognised=pair.home, mutual=False)
    then = instant(pair.now)
    pair.cell.clock.advance(timedelta(seconds=5))
    pair.say(RecognitionInForce(edition=1, since=pair.now), recogniser=pair.home, recognised=pair.other)
    assert not pair.counts()
    assert not pair.counts(known_at=then)


@pytest.mark.parametrize("lie", LIES)
def test_the_other_side_accepts_nothing_by_the_homes_word(pair, lie):
    LIES[lie](pair)
    assert not pair.counts()
    others = Pair(pair.cell)
    others.recognised()
    assert others.counts(), "and goes on with everybody else"


def test_what_was_suspended_stays_so_for_the_past(pair):
    pair.recognised()
    pair.act(pair.other, "suspend", REASON)
    then = instant(pair.now)
    pair.cell.clock.advance(timedelta(hours=1))
    pair.act(pair.other, "resume")
    assert (pair.counts(), pair.counts(as_of=then)) == (True, False)
    begun = [one for one in pair.row()["spells"] if one["state"] == "in_force"][:1]
    pair.say(
        RecognitionResumed(), spells=[*(one for one in pair.row()["spells"] if one["state"] == "proposed"), *begun]
    )
    assert pair.is_parked()
    assert not pair.counts(as_of=then)


def test_a_home_does_not_resume_for_the_past(pair):
    pair.recognised()
    pair.act(pair.home, "suspend", REASON)
    then, since = instant(pair.now), pair.now
    pair.cell.clock.advance(timedelta(hours=1))
    again = [*pair.row()["spells"], period("in_force", since - timedelta(seconds=1))]
    pair.say(RecognitionResumed(), state="in_force", suspended_by=None, spells=again)
    assert pair.is_parked()
    assert not pair.counts(as_of=then)


def test_twenty_lies_in_a_row_stop_no_worker(pair):
    for _lie in range(25):
        pair.begin()
    assert pair.is_parked()
    assert pair.recognised().counts()


def test_agreeing_names_the_list_that_was_read(cell, sichuan, chongqing):
    standard = given_standard(cell, sichuan)
    url = proposed(cell, sichuan, chongqing, standard=standard, mutual=True)
    before = read(cell.client(chongqing), url)
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    assert act(cell, chongqing, f"{url}/agree", {"content_hash": "0" * 64})["code"] == "content_changed"
    assert act(cell, chongqing, f"{url}/agree", before)["status"] == 200
    seen = cell.client(chongqing).get(url).json
    assert [one["tenant"] for one in seen["consent"]["signatures"]] == [str(sichuan), str(chongqing)]
    assert seen["consent"]["content_hash"] == before["content_hash"]


def test_each_proposal_is_another_content_also_where_it_says_the_same(cell, sichuan, chongqing):
    standard = given_standard(cell, sichuan)
    url = f"/v1/recognitions/{recognised(cell, sichuan, chongqing, standard=standard, mutual=True)['id']}"
    hashes = []
    for _time in range(2):
        assert (
            act(cell, sichuan, f"{url}/editions", {"items": [item_draft(standard, sectors=["家具"])]})["status"] == 200
        )
        hashes.append(read(cell.client(chongqing), url))
    assert act(cell, chongqing, f"{url}/agree", hashes[0])["code"] == "content_changed"
    assert act(cell, chongqing, f"{url}/agree", hashes[1])["status"] == 200
    assert act(cell, sichuan, f"{url}/agree", hashes[1])["status"] == 200
    assert cell.client(chongqing).get(url).json["edition"] == 2


def test_a_command_with_more_in_it_than_it_needs_fills_no_state(pair):
    pair.url = proposed(pair.cell, pair.home, pair.other, standard=pair.standard, mutual=True)
    pair.act(pair.home, "agree")
    command = {
        "to": str(pair.home), "id": str(uuid4()), "name": AGREE_COMMAND, "aggregate": str(pair.key), "actor": "t",
        "expected": None, "params": {"content_hash": pair.row()["pending"]["content_hash"]},
        "expires_at": instant(pair.now + timedelta(hours=1)), "junk": "x" * 1000,
    }  # fmt: skip
    with pair.cell.session(pair.other) as session:
        made = signed(session, "command", content=command, by=session.signer)
    pair.cell.deliver([Unsent(1, "", "standards", "commands", b"", made.encode())])
    pair.cell.carry()
    assert (pair.row()["state"], len(pair.row()["pending"]["signatures"])) == ("proposed", 1)
