"""What waits for whom while standards and recognitions are made: as `allowed_actions` and missing signatures say."""

from __future__ import annotations

from uuid import UUID

from services.standards.domain.objections import TERM_DAYS
from tests.builders.cell import Cell
from tests.builders.working import actions, check_derived, listed
from tests.standards.dependants import Story, close, found, only, qualified, settle, stop
from tests.standards.drafting import Drafting, today
from tests.standards.given import given_standard
from tests.standards.recognition import act, proposed

COMMENT = {"text": "限值宜与国家标准一致", "clause": "5.1"}


def waits(cell: Cell, url: str, *tenants: UUID) -> list[list[str]]:
    """What the thing waits for, for each of these tenants; its own view allows the same, of what may wait."""
    found = []
    for tenant in tenants:
        client = cell.client(tenant)
        found.append(sorted(action for at, action in actions(client) if at == url))
        allowed = client.get(url).json["allowed_actions"]
        assert set(found[-1]) <= set(allowed)
        assert [action in found[-1] for action in ("sign", "agree", "answer", "close") if action in allowed].count(
            False
        ) == 0, (found, allowed)
    check_derived(cell, *tenants)
    return found


def test_a_standard_in_the_making_waits_for_numbers_answers_and_signatures(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    two = Drafting(cell, sichuan, chongqing)
    two.open(effective_from=today(cell, 30))
    assert waits(cell, two.url, sichuan, chongqing) == [["number"], ["number"]]
    two.number(chongqing)
    assert waits(cell, two.url, sichuan, chongqing) == [["number"], []]
    assert two.post(sichuan, "/consult", {"closes_on": today(cell, 3)})["status"] == 200
    assert two.post(chongqing, "/comments", COMMENT)["status"] == 200
    comments = f"{two.url}/comments"
    assert [(item["url"], item["action"]) for item in listed(cell.client(sichuan))] == [(comments, "answer")]
    assert actions(cell.client(chongqing), "for=others") == {(comments, "answer")}
    comment = two.get(sichuan, "/comments")["items"][0]
    answered = two.post(sichuan, f"/comments/{comment['id']}/answer", {"verdict": "partly", "answer": "已调整"})
    assert answered["status"] == 200, answered
    assert actions(cell.client(sichuan)) == set()
    check_derived(cell, sichuan, chongqing)


def test_each_issuer_is_waited_for_until_it_has_signed(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    two = Drafting(cell, sichuan, chongqing)
    two.open()
    two.present()
    assert waits(cell, two.url, sichuan, chongqing) == [["sign"], ["sign"]]
    assert two.sign(chongqing)["status"] == 200
    assert waits(cell, two.url, sichuan, chongqing) == [["sign"], []]
    assert two.sign(sichuan)["status"] == 200
    assert waits(cell, two.url, sichuan, chongqing) == [[], []]
    standard = f"/v1/standards/{two.get(sichuan)['standard']}"
    ended = two.post(chongqing, f"{standard}/withdraw", {"effective_on": today(cell, 9), "reason": "停用"})
    assert ended["status"] == 200, ended
    assert waits(cell, standard, sichuan, chongqing) == [["withdraw"], []]


def test_a_recognition_waits_for_agreement_and_for_the_answer_to_an_objection(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = proposed(cell, sichuan, chongqing, standard=given_standard(cell, chongqing), mutual=True)
    assert waits(cell, url, sichuan, chongqing) == [["agree"], ["agree"]]
    assert act(cell, chongqing, f"{url}/objections", {"reason": "检测方法不一致"})["status"] == 200
    assert waits(cell, url, sichuan, chongqing) == [["answer"], []]
    due = listed(cell.client(sichuan))[0]["due"]
    assert due == f"{today(cell, TERM_DAYS)}T16:00:00.000000Z"
    assert act(cell, sichuan, f"{url}/answer", {"objection": 1, "answer": "已复测。"})["status"] == 200
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    assert waits(cell, url, sichuan, chongqing) == [[], ["agree"]]
    assert act(cell, chongqing, f"{url}/agree")["status"] == 200
    assert waits(cell, url, sichuan, chongqing) == [[], []]


def test_what_stopped_counting_waits_for_those_whose_things_rested_on_it(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    story = Story(cell, chongqing, sichuan)
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    settle(cell)
    review = only(found(cell, sichuan))
    url = f"/v1/consequences/{review['id']}"
    assert waits(cell, url, sichuan, chongqing) == [["close"], []]
    assert actions(cell.client(chongqing), "for=others") >= {(url, "close")}
    assert close(cell, sichuan, review["id"], outcome="kept", reason="另有依据").status_code == 200
    assert waits(cell, url, sichuan, chongqing) == [[], []]
