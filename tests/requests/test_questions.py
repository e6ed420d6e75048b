"""Questions with a kind of answer in the thread of a case, and mentions of one's own people, told to nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from events.text import FreeText
from services.requests.commands.threads import send_message
from services.requests.domain.questions import check_answer, check_first, check_question
from services.requests.models import Mention, Message
from shared.database.rows import table_of
from shared.journal.entries import JournalRow
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user
from tests.requests.given import code, done, drafted, filed, opened

FOOD = {"zh": "食品", "en": "Food"}
HOME, HANDLER = (UUID(int=number) for number in range(1, 3))


@pytest.mark.parametrize(
    ("kind", "choices", "text", "expected"),
    [
        ("text", [], "任何文字", None), ("yes_no", [], "yes", None), ("yes_no", [], "是的", "answer_unreadable"),
        ("date", [], "2026-12-31", None), ("date", [], "明天", "answer_unreadable"), ("choice", [FOOD], "食品", None),
        ("choice", [FOOD], "Food", "answer_unreadable"),
    ],
)  # fmt: skip
def test_an_answer_is_of_the_kind_that_was_asked_for(
    kind: str, choices: list[dict[str, str]], text: str, expected: str | None
) -> None:
    assert code(check_answer, {"kind": kind, "choices": choices}, text) == expected


def test_a_choice_lists_what_may_be_chosen_and_another_side_answers_once() -> None:
    wrong = [("choice", []), ("text", [FOOD]), ("choice", [FOOD, FOOD])]
    assert {code(check_question, *one) for one in wrong} == {"question_choices"}
    assert [code(check_question, *one) for one in (("choice", [FOOD]), ("text", []))] == [None, None]
    assert code(check_answer, None, "x") == "answers_nothing"
    ours, theirs, applicants = (HOME, False), (HANDLER, False), (HOME, True)
    assert code(check_first, is_answered=False, asked_by=ours, by=theirs) is None
    # The clerk of a jurisdiction asks its own applicant.
    assert code(check_first, is_answered=False, asked_by=ours, by=applicants) is None
    assert code(check_first, is_answered=False, asked_by=ours, by=ours) == "own_question"
    assert code(check_first, is_answered=True, asked_by=ours, by=theirs) == "answered_once"


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


def test_a_question_is_open_on_both_sides_until_the_other_one_answers(cell: Cell, sichuan: UUID, guizhou: UUID) -> None:
    item = opened(cell, guizhou)
    url, other = filed(cell, sichuan, item), filed(cell, sichuan, item)

    def say(tenant: UUID, text: str, *, to: str = url, **said: Any) -> Any:
        made = cell.client(tenant).post(f"{to}/messages", {"text": text, **said})
        cell.carry()
        return made

    def open_in(tenant: UUID) -> tuple[int, int]:
        listed = cell.client(tenant).get(f"{url}/messages?unanswered=true").json["items"]
        return cell.client(tenant).get(url).json["unanswered"], len(listed)

    wanted = {"kind": "choice", "choices": [FOOD, {"zh": "农产品"}], "english": "Of what kind?"}
    asked = say(guizhou, "核验哪一类?", question=wanted).json
    assert (asked["question"]["english"], asked["question"]["choices"][1]["zh"]) == ("Of what kind?", "农产品")
    assert open_in(sichuan) == open_in(guizhou) == (1, 1)
    (shown,) = cell.client(sichuan).get(f"{url}/messages").json["items"]
    assert shown["question"] == asked["question"]
    wrong = say(sichuan, "玩具", answers=asked["id"])
    assert (wrong.json["code"], wrong.json["errors"][0]["pointer"]) == ("answer_unreadable", "/text")
    assert say(guizhou, "食品", answers=asked["id"]).json["code"] == "own_question"
    assert say(sichuan, "食品", to=other, answers=asked["id"]).json["code"] == "message_unknown"
    assert say(sichuan, "食品", answers=asked["id"]).status_code == 201
    assert open_in(sichuan) == open_in(guizhou) == (0, 0)
    assert say(sichuan, "食品", answers=asked["id"]).json["code"] == "answered_once"


def test_a_question_is_answered_once_also_by_two_colleagues_at_the_same_moment(
    cell: Cell, sichuan: UUID, guizhou: UUID
) -> None:
    url = filed(cell, sichuan, opened(cell, guizhou))
    key, question = UUID(url[-36:]), {"kind": "yes_no", "choices": []}
    asked = cell.client(guizhou).post(f"{url}/messages", {"text": "有原件吗?", "question": question}).json
    cell.carry()

    def answer(session: Any) -> None:
        said = {"question": None, "answers": UUID(asked["id"]), "mentions": []}
        send_message(session, key, text=FreeText("yes"), attachments=[], **said)

    with cell.session(sichuan) as first:
        answer(first)
        with pytest.raises(OperationalError, match="lock timeout"), cell.session(sichuan) as second:
            second.execute(text("SET LOCAL lock_timeout = '200ms'"))
            answer(second)
    with cell.session(sichuan) as second:
        assert code(answer, second) == "answered_once"


MANY = 20_000


def test_a_stranger_hides_no_question_however_much_it_sends(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID
) -> None:
    item = opened(cell, guizhou)
    url, other = filed(cell, sichuan, item), filed(cell, sichuan, item)
    question = {"text": "有原件吗?", "question": {"kind": "yes_no", "choices": []}}
    asked = cell.client(guizhou).post(f"{other}/messages", question).json
    cell.carry()
    columns = ", ".join({one.name for one in table_of(Message).columns} - {"id", "home_id", "case_id"})
    with cell.worker_database.session(cell.context(sichuan)) as session:
        copied = f"""INSERT INTO requests.messages (id, home_id, case_id, {columns})
            SELECT gen_random_uuid(), :stranger, :case, {columns} FROM requests.messages, generate_series(1, :many)
            WHERE id = :asked"""
        given = {"stranger": chongqing, "case": url[-36:], "many": MANY, "asked": asked["id"]}
        session.execute(text(copied), given)
    real = cell.client(guizhou).post(f"{url}/messages", question).json
    cell.carry()
    assert cell.client(sichuan).get(url).json["unanswered"] == 1
    # Nor does it answer one, though it has to do with another case on the same page.
    done(cell, guizhou, other, "forward", to=str(chongqing), reason="试")
    with cell.worker_database.session(cell.context(sichuan)) as session:
        session.execute(
            text("UPDATE requests.messages SET answers = :asked, question = NULL WHERE home_id = :stranger"),
            {"asked": real["id"], "stranger": chongqing},
        )
    rows = cell.client(sichuan).get(f"/v1/requests?item={item}").json["items"]
    assert [row["unanswered"] for row in rows] == [1, 1]


def test_who_is_mentioned_finds_it_and_no_other_tenant_nor_an_organisation_hears_of_it(
    cell: Cell, sichuan: UUID, guizhou: UUID
) -> None:
    item, own = opened(cell, guizhou), UUID(int=7)
    url = drafted(cell.client(sichuan), item, organisation=str(own))
    assert cell.client(sichuan).post(f"{url}/file", {}).status_code == 200
    person = uuid4()
    said = {"text": "请确认", "mentions": [str(person)]}
    message = cell.client(sichuan).post(f"{url}/messages", said).json
    assert cell.client(sichuan).post(f"{url}/notes", said).status_code == 201
    cell.carry()
    found = cell.client(sichuan, subject=str(person)).get("/v1/mentions").json["items"]
    assert [one["message"] for one in found] == [message["id"], None]
    assert cell.client(sichuan).get("/v1/mentions").json["items"] == []
    with cell.session(guizhou) as session:
        assert session.scalars(select(Mention)).all() == []
        rows = session.scalars(select(JournalRow).where(JournalRow.aggregate_id == UUID(message["id"]))).all()
        assert rows
        assert not any(str(person) in repr(vars(row)) for row in rows)
    with cell.session(sichuan, organisation_id=own, scope="organisation") as session:
        assert session.scalars(select(Mention)).all() == []


def test_a_mention_rings_the_bell_of_whoever_it_names_and_leads_to_the_case(
    cell: Cell, sichuan: UUID, guizhou: UUID
) -> None:
    url = filed(cell, sichuan, opened(cell, guizhou))
    clerk, other = (make_user(cell, guizhou, "clerk") for _each in range(2))
    said = {"text": "请看材料", "mentions": [str(clerk.id)]}
    assert cell.client(guizhou).post(f"{url}/notes", said).status_code == 201
    page = Desk(cell, clerk).get("/console/notifications?kind=mention")
    assert "有同事提到您" in page.text
    assert f"/console{url.removeprefix('/v1')}" in page.text
    assert "有同事提到您" not in Desk(cell, other).get("/console/notifications?kind=mention").text
