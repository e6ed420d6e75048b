"""Drafts laid open: comments by parties and by anybody, each answered before the text is signed."""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from events.standards import CommentMade
from events.text import FreeText
from services.standards.domain import projects as rules
from services.standards.models import Comment
from services.tenants.commands import suspend_tenant
from shared.core.context import PLATFORM
from tests.standards.drafting import Drafting, later, line, today

COMMENT = {"text": "限值宜与国家标准一致", "clause": "5.1"}
ANSWER = {"verdict": "partly", "answer": "已调整表述"}


@pytest.fixture
def two(cell, sichuan, chongqing):
    drafting = Drafting(cell, sichuan, chongqing)
    drafting.open(effective_from=today(cell, 30))
    return drafting


def consulted(two) -> str:
    """The draft is open for three days; the id of the consultation."""
    assert two.post(two.lead, "/consult", {"closes_on": today(two.cell, 3)})["status"] == 200
    return str(two.get(two.lead)["consultation"])


def anybody(two, path: str, body=None):
    client = two.cell.app.test_client()
    answer = client.get(path) if body is None else client.post(path, json=body)
    two.cell.carry()
    return answer


def uploaded(two, content: bytes) -> dict:
    client = two.people[two.lead]
    headers = {"Authorization": f"Bearer {client.mint()}", "Content-Type": "application/pdf"}
    answer = client.flask.post("/v1/files", data=io.BytesIO(content), headers=headers)
    return {**answer.json, "name": "征求意见稿.pdf"}


def test_a_draft_is_open_until_the_end_of_its_last_day(two, cell):
    key = consulted(two)
    assert two.states() == ["consulting"] * 2
    assert anybody(two, f"/v1/public/consultations/{key}").json["state"] == "open"
    later(cell, 3)
    assert two.states() == ["consulting"] * 2
    later(cell, 1)
    assert two.states() == ["drafting"] * 2
    assert anybody(two, f"/v1/public/consultations/{key}").json["state"] == "closed"
    late = two.post(two.issuers[1], "/comments", COMMENT)
    assert (late["status"], late["code"]) == (409, "action_not_allowed")
    assert anybody(two, f"/v1/public/consultations/{key}/comments", COMMENT).status_code == 409


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_consultation_lasts_from_a_day_to_a_year(two, cell, days):
    answer = two.post(two.lead, "/consult", {"closes_on": today(cell, days)})
    assert (answer["status"], answer["code"]) == (422, "closes_on_invalid")


def test_a_partys_comment_is_answered_by_the_lead_and_both_read_it(two, sichuan, chongqing):
    consulted(two)
    assert two.post(chongqing, "/comments", COMMENT)["status"] == 200
    (comment,) = two.get(sichuan, "/comments")["items"]
    assert (comment["author"], comment["text"], comment["clause"]) == (str(chongqing), COMMENT["text"], "5.1")
    answer = f"/comments/{comment['id']}/answer"
    assert two.post(chongqing, answer, ANSWER)["code"] == "lead_only"
    assert two.get(sichuan)["unanswered"] == two.get(chongqing)["unanswered"] == 1
    assert two.post(sichuan, answer, ANSWER)["status"] == 200
    (seen,) = two.get(chongqing, "/comments")["items"]
    assert (seen["state"], seen["verdict"], seen["answer"]) == ("answered", "partly", "已调整表述")
    assert two.post(sichuan, answer, ANSWER)["code"] == "action_not_allowed"


def test_a_comment_is_found_with_its_own_project_alone(two, cell, sichuan, chongqing):
    consulted(two)
    two.post(chongqing, "/comments", COMMENT)
    comment = two.get(sichuan, "/comments")["items"][0]["id"]
    other = Drafting(cell, sichuan)
    other.open()
    assert other.people[sichuan].post(f"{other.url}/comments/{comment}/answer", ANSWER).status_code == 404


def test_anybody_reads_the_open_draft_and_comments_without_a_name(two, sichuan, chongqing):
    key = consulted(two)
    shown = anybody(two, f"/v1/public/consultations/{key}").json
    assert (shown["tenant"], shown["sheet"], shown["round"]) == (str(sichuan), [line()], 1)
    told = anybody(two, f"/v1/public/consultations/{key}/comments", COMMENT)
    assert (told.status_code, told.json["consultation"]) == (201, key)
    for tenant in (sichuan, chongqing):
        (comment,) = two.get(tenant, "/comments?origin=public")["items"]
        assert (comment["id"], comment["author"], comment["text"]) == (told.json["id"], None, COMMENT["text"])
        assert two.get(tenant, "/comments?origin=party")["items"] == []
    assert anybody(two, f"/v1/public/consultations/{key}/comments", {"text": "长" * 2001}).status_code == 422
    assert anybody(two, f"/v1/public/consultations/{two.lead}/comments", COMMENT).status_code == 404


def test_the_open_drafts_are_listed_for_anybody_until_they_close(two, cell):
    key = consulted(two)

    def listed() -> set[str]:
        seen, url = set(), "/v1/public/consultations?limit=100"
        while url:
            page = anybody(two, url).json
            seen |= {item["id"] for item in page["items"]}
            url = f"/v1/public/consultations?limit=100&cursor={page['next']}" if page["next"] else None
        return seen

    assert key in listed()
    later(cell, 4)
    assert key not in listed()


def test_nothing_is_signed_before_every_comment_is_answered(two, cell, sichuan, chongqing):
    key = consulted(two)
    two.post(chongqing, "/comments", COMMENT)
    anybody(two, f"/v1/public/consultations/{key}/comments", COMMENT)
    later(cell, 4)
    two.number()
    for left in (2, 1):
        refused = two.post(sichuan, "/present")
        assert (refused["code"], str(left) in refused["message"]["en"]) == ("comments_unanswered", True)
        comment = two.get(sichuan, "/comments?state=open")["items"][0]["id"]
        assert two.post(sichuan, f"/comments/{comment}/answer", ANSWER)["status"] == 200
    assert two.post(sichuan, "/present")["status"] == 200


def test_a_second_round_has_its_own_draft_and_comments(two, cell, chongqing):
    first = consulted(two)
    two.post(chongqing, "/comments", COMMENT)
    later(cell, 4)
    two.patch(chongqing, {"sheet": [line(limit="0.1")]})
    second = consulted(two)
    assert anybody(two, f"/v1/public/consultations/{first}/comments", COMMENT).json["code"] == "consultation_closed"
    assert anybody(two, f"/v1/public/consultations/{first}").json["sheet"] == [line()]
    assert anybody(two, f"/v1/public/consultations/{second}").json["sheet"] == [line(limit="0.1")]
    two.post(chongqing, "/comments", {"text": "同意"})
    assert [len(two.get(chongqing, f"/comments?round={number}")["items"]) for number in (1, 2)] == [1, 1]


def test_the_public_and_each_party_have_room_of_their_own(two, sichuan, chongqing, monkeypatch):
    monkeypatch.setattr(rules, "MOST_PUBLIC_COMMENTS", 2)
    monkeypatch.setattr(rules, "MOST_PARTY_COMMENTS", 1)
    key = consulted(two)
    statuses = [said(two, key, f"意见{index}").status_code for index in range(3)]
    assert statuses == [201, 201, 409]
    for tenant in (chongqing, sichuan):
        assert two.post(tenant, "/comments", COMMENT)["status"] in (200, 201)
        assert two.post(tenant, "/comments", COMMENT)["code"] == "comments_full"
    with two.cell.session(two.lead) as session:
        assert session.scalar(select(func.count()).select_from(Comment)) == 4


def said(two, key: str, text: str, clause: str | None = None):
    return anybody(two, f"/v1/public/consultations/{key}/comments", {"text": text, "clause": clause})


def test_a_public_form_sent_again_is_kept_once_in_each_round(two, cell, sichuan):
    key = consulted(two)
    first, again = said(two, key, "同意").json, said(two, key, "同意").json
    assert again == first
    assert len({said(two, key, "同意", "5.1").json["id"], said(two, key, "同意。").json["id"], first["id"]}) == 3
    later(cell, 4)
    assert said(two, key, "同意").status_code == 409
    assert said(two, consulted(two), "同意").json["id"] != first["id"]
    assert len(two.get(sichuan, "/comments?origin=public")["items"]) == 4


@pytest.mark.parametrize("clause", ["5.1", "A.2", "附录A", "附录 B.1.2", "10", "4.1.2.3"])
def test_a_comment_names_a_clause_by_its_number(two, sichuan, clause):
    assert said(two, consulted(two), "同意", clause).status_code == 201
    assert two.get(sichuan, "/comments")["items"][0]["clause"] == clause


@pytest.mark.parametrize("clause", ["张三 13800000000", "13800000000", "张三", "ZHANGSAN", "5.1 x", "1.1.1.1.1.1.1.1"])
def test_prose_is_no_clause_because_nobody_could_erase_it(two, clause):
    refused = said(two, consulted(two), "同意", clause)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/clause")


def test_the_public_is_answered_by_one_command(two, cell, sichuan, chongqing):
    key = consulted(two)
    for index in range(3):
        said(two, key, f"意见{index}")
    two.post(chongqing, "/comments", COMMENT)
    later(cell, 4)
    assert two.post(chongqing, "/comments/answer", ANSWER)["code"] == "lead_only"
    answered = two.post(sichuan, "/comments/answer", ANSWER)
    assert (answered["status"], answered["unanswered"]) == (200, 1)
    public = two.get(chongqing, "/comments?origin=public")["items"]
    assert [(item["verdict"], item["answer"]) for item in public] == [("partly", ANSWER["answer"])] * 3
    (own,) = two.get(sichuan, "/comments?state=open")["items"]
    assert two.post(sichuan, "/comments/answer", {**ANSWER, "comments": [own["id"]]})["unanswered"] == 0
    again = two.post(sichuan, "/comments/answer", {**ANSWER, "comments": [own["id"]]})
    assert (again["status"], again["errors"][0]["pointer"]) == (422, "/comments/0")


def test_one_answer_reaches_the_oldest_comments_and_so_many_at_once(two, sichuan, monkeypatch):
    monkeypatch.setattr(rules, "MOST_ANSWERED", 2)
    key = consulted(two)
    for index in range(3):
        said(two, key, f"意见{index}")
    assert [two.post(sichuan, "/comments/answer", ANSWER)["unanswered"] for _ in range(2)] == [1, 0]


def test_what_a_stranger_keeps_as_comment_on_a_project_is_none_of_it(two, cell, sichuan, chongqing):
    hubei, project = cell.tenant("hubei"), UUID(two.url.rsplit("/", 1)[1])
    with cell.session(hubei) as session:
        text = FreeText("与此无关")
        comment = session.create(
            Comment, parties=[hubei, sichuan, chongqing], state="open", project_id=project, comment_round=0,
            author=None, clause=None, text_digest=text.digest, verdict=None, answer_digest=None,
        )  # fmt: skip
        session.publish(comment, CommentMade(text=text, clause=None))
    cell.carry()
    for tenant in two.issuers:
        assert (two.get(tenant)["unanswered"], two.get(tenant, "/comments")["items"]) == (0, [])
        assert {entry["kind"] for entry in two.get(tenant, "/timeline")["items"]} == {"standards.project"}
    assert two.people[sichuan].post(f"{two.url}/comments/{comment.id}/answer", ANSWER).status_code == 404
    assert two.post(sichuan, "/comments/answer", {**ANSWER, "comments": [str(comment.id)]})["status"] == 422
    two.present()


def test_somebody_of_the_public_is_not_told_that_the_tenant_is_theirs(two, cell):
    key = consulted(two)
    with cell.session(PLATFORM) as session:
        suspend_tenant(session, two.lead, reason=FreeText("试"))
    cell.carry()
    refused = said(two, key, "同意")
    assert (refused.status_code, refused.json["code"]) == (403, "tenant_not_active")
    assert "Your" not in refused.json["message"]["en"]


def test_an_abandoned_project_closes_its_consultation(two, cell):
    key = consulted(two)
    assert two.post(two.lead, "/abandon", {"reason": "无需制定"})["status"] == 200
    assert anybody(two, f"/v1/public/consultations/{key}").json["state"] == "closed"
    later(cell, 4)
    assert two.states() == ["abandoned"] * 2


def test_anybody_reads_the_text_of_a_draft_while_it_is_open(two, cell, sichuan):
    file = uploaded(two, b"%PDF-draft")
    assert two.patch(sichuan, {"text": [file]})["status"] == 200
    key = consulted(two)
    url = f"/v1/public/consultations/{key}/text/{file['sha256']}"
    read = anybody(two, url)
    assert (read.status_code, read.data, read.mimetype) == (200, b"%PDF-draft", "application/pdf")
    assert read.headers["Content-Disposition"].startswith("attachment")
    assert anybody(two, f"/v1/public/consultations/{key}/text/{'0' * 64}").status_code == 404
    later(cell, 4)
    assert anybody(two, url).status_code == 404


def test_a_text_kept_in_another_cell_is_found_with_the_tenant_that_has_it(two, sichuan, monkeypatch):
    file = uploaded(two, b"%PDF-elsewhere")
    two.patch(sichuan, {"text": [file]})
    key = consulted(two)
    directory = two.cell.database.directory
    with two.cell.session(sichuan) as session:
        listed = directory.listing(session, sichuan)
    monkeypatch.setattr(directory, "listing", lambda _session, _tenant: replace(listed, cell="cell2"))
    paths = (f"/v1/public/consultations/{key}/text/{file['sha256']}", None), (
        f"/v1/public/consultations/{key}/comments", COMMENT)  # fmt: skip
    for path, body in paths:
        client = two.cell.app.test_client()
        answer = client.get(path) if body is None else client.post(path, json=body)
        assert (answer.status_code, answer.json["code"]) == (404, "kept_elsewhere")
        assert listed.code in answer.json["message"]["en"]


def test_the_history_of_a_project_tells_of_its_consultation_and_comments(two, chongqing):
    consulted(two)
    two.post(chongqing, "/comments", COMMENT)
    for tenant in two.issuers:
        entries = two.get(tenant, "/timeline")["items"]
        kinds = {entry["kind"] for entry in entries}
        assert kinds == {"standards.project", "standards.consultation", "standards.comment"}
        assert COMMENT["text"] in [text for entry in entries for text in entry["texts"].values()]
    assert len(two.get(two.lead, "/delivery")["aggregates"]) == 3
