"""The conventions that hold for every route."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest

from shared.database.answers import forget_answers
from tests.builders.cell import Cell
from tests.builders.officials import drafted, park_draft


def test_the_same_post_again_gives_the_same_answer_and_no_second_effect(cell: Cell, sichuan: UUID) -> None:
    chongqing = cell.tenant("chongqing")
    client, draft, key = cell.client(sichuan), park_draft(sichuan, chongqing), {"Idempotency-Key": uuid4().hex}
    first, again = (client.post("/v1/parks", draft, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, again)] == [None, "true"]
    assert len(client.get("/v1/parks").json["items"]) == 1
    other = client.post("/v1/parks", {**draft, "name_zh": "别的"}, headers=key)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    cell.clock.advance(timedelta(hours=25))
    late = client.post("/v1/parks", draft, headers=key)
    assert (late.status_code, late.json["code"]) == (409, "duplicate"), "it is a new request"


def test_a_refusal_names_the_first_faults_and_says_how_many_more_there_are(cell: Cell, sichuan: UUID) -> None:
    wrong = dict.fromkeys(("name_zh", "name_en", "kind", "location", "starts_on"), 1.5)
    answer = cell.client(sichuan).post("/v1/parks", wrong)
    assert len(answer.json["errors"]) == 6
    assert answer.json["message"]["zh"].endswith(" 等,另有 3 处。")
    assert answer.json["message"]["en"].endswith(" and 3 more.")


def test_another_person_may_use_the_same_idempotency_key(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = {"Idempotency-Key": "same"}
    answers = [
        cell.client(sichuan, subject=subject).post("/v1/parks", park_draft(sichuan, chongqing), headers=key)
        for subject in ("one", "two")
    ]
    assert answers[0].json["id"] != answers[1].json["id"]


def test_a_refused_post_can_be_repeated_with_the_same_key(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client, key = cell.client(sichuan), {"Idempotency-Key": uuid4().hex}
    assert client.post("/v1/parks", park_draft(sichuan, uuid4()), headers=key).status_code == 422
    assert client.post("/v1/parks", park_draft(sichuan, chongqing), headers=key).status_code == 201


def test_twenty_equal_posts_at_once_have_one_effect(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client, draft, key = cell.client(sichuan), park_draft(sichuan, chongqing), {"Idempotency-Key": uuid4().hex}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cell.client(sichuan).post("/v1/parks", draft, headers=key), range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(client.get("/v1/parks").json["items"]) == 1


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"If-Match": ""}, 428, "if_match_missing"),
        ({"If-Match": "abc"}, 400, "if_match_malformed"),
        ({"If-Match": '"1.7"'}, 412, "version_changed"),
    ],
)
def test_a_change_needs_the_version_it_is_based_on(
    cell: Cell, sichuan: UUID, chongqing: UUID, headers: dict[str, str], status: int, code: str
) -> None:
    url = drafted(cell, sichuan, chongqing)
    answer = cell.client(sichuan).patch(url, {"sectors": []}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_post_without_an_idempotency_key_says_what_to_send(cell: Cell, sichuan: UUID) -> None:
    answer = cell.client(sichuan).post("/v1/parks", park_draft(sichuan, sichuan), headers={"Idempotency-Key": ""})
    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")


def test_an_unchanged_thing_is_304(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    etag = cell.client(sichuan).get(url).headers["ETag"]
    assert etag == cell.client(chongqing).get(url).headers["ETag"]
    assert cell.client(chongqing).get(url, headers={"If-None-Match": etag}).status_code == 304


def test_bodies_that_are_not_json_are_415_400_or_413(cell: Cell, sichuan: UUID) -> None:
    client = cell.client(sichuan)
    headers = {"Authorization": f"Bearer {client.mint()}", "Idempotency-Key": "k"}
    for body, kind, status in ((b"{}", "text/plain", 415), (b"{", "application/json", 400)):
        assert client.flask.post("/v1/parks", data=body, content_type=kind, headers=headers).status_code == status
    large = client.flask.post("/v1/parks", data=b" " * 1_000_001, content_type="application/json", headers=headers)
    assert (large.status_code, large.json["code"]) == (413, "body_too_large")


def test_every_fault_of_a_body_is_named_in_both_languages(cell: Cell, sichuan: UUID) -> None:
    body = {"name_zh": "", "kind": "castle", "parties": [{"tenant": "x", "role": "host"}], "colour": "red"}
    answer = cell.client(sichuan).post("/v1/parks", body)
    assert answer.content_type == "application/problem+json"
    faults = {item["pointer"]: item["message"] for item in answer.json["errors"]}
    assert set(faults) == {"/name_zh", "/kind", "/parties/0/tenant", "/colour"}
    assert all(message["zh"] != message["en"] for message in faults.values())


def test_a_problem_speaks_the_language_asked_for_and_names_its_log_line(cell: Cell, sichuan: UUID) -> None:
    url = f"/v1/parks/{uuid4()}"
    headers = {"Accept-Language": "en", "X-Correlation-ID": "abcdef0123456789"}
    english, chinese = cell.client(sichuan).get(url, headers=headers).json, cell.client(sichuan).get(url).json
    assert english["detail"] == english["message"]["en"]
    assert chinese["detail"] == chinese["message"]["zh"]
    assert english["correlation_id"] == "abcdef0123456789"


def test_pages_show_everything_once(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client = cell.client(sichuan)
    made = [client.post("/v1/parks", park_draft(sichuan, chongqing)).json["id"] for _ in range(7)]
    seen, url = [], "/v1/parks?limit=3"
    while url:
        answer = client.get(url)
        seen += [item["id"] for item in answer.json["items"]]
        url = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == made[::-1]
    assert client.get("/v1/parks?cursor=nonsense").json["code"] == "cursor_invalid"


def test_another_tenants_things_do_not_exist(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url, stranger = drafted(cell, sichuan, chongqing), cell.client(cell.tenant("guizhou"))
    answers = [
        stranger.get(url), stranger.get(f"{url}/timeline"), stranger.get(f"{url}/delivery"),
        stranger.get(f"{url}/agreements"), stranger.patch(url, {"sectors": []}), stranger.post(f"{url}/resume"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    assert stranger.get("/v1/parks").json["items"] == []


def test_prefer_wait_gives_the_final_answer_of_the_other_tenant(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url, done = drafted(cell, sichuan, chongqing), Event()

    def carry() -> None:
        while not done.wait(0.01):
            cell.carry()

    with ThreadPoolExecutor(1) as pool:
        carrying = pool.submit(carry)
        client, wait = cell.client(chongqing), {"Prefer": "wait=20"}
        changed = client.patch(url, {"sectors": ["芯片"]}, headers=wait)
        refused = client.post(f"{url}/suspend", {"reason": "检查"}, headers=wait)
        done.set()
        carrying.result()
    assert (changed.status_code, changed.json["sectors"], changed.headers["ETag"]) == (200, ["芯片"], '"1.2"')
    assert (refused.status_code, refused.json["code"]) == (409, "action_not_allowed")


def test_a_wait_that_ends_without_answer_leaves_the_pending_command(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    answer = cell.client(chongqing).patch(url, {"sectors": []}, headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.json["state"]) == (202, "pending")
    assert cell.client(chongqing).get(answer.headers["Location"]).json["state"] == "pending"
    assert cell.client(sichuan).get(answer.headers["Location"]).status_code == 404


def test_a_command_whose_kept_answer_was_emptied_can_still_be_asked_for(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url, key = drafted(cell, sichuan, chongqing), {"Idempotency-Key": uuid4().hex, "Prefer": "wait=1"}
    first = cell.client(chongqing).post(f"{url}/suspend", {"reason": "检查"}, headers=key)
    with cell.session(chongqing) as session:
        forget_answers(session, ["pending"])
    again = cell.client(chongqing).post(f"{url}/suspend", {"reason": "检查"}, headers=key)
    assert (first.status_code, again.status_code, again.json) == (202, 202, {})
    assert again.headers["Location"] == first.headers["Location"]


def test_a_file_is_kept_per_tenant_and_follows_what_cites_it(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client = cell.client(chongqing)
    headers = {"Authorization": f"Bearer {client.mint()}"}
    made = client.flask.post("/v1/files", data="协议正文".encode(), content_type="text/plain", headers=headers)
    assert made.status_code == 201
    assert cell.client(sichuan).get(made.headers["Location"]).status_code == 404
    assert client.get(made.headers["Location"]).data == "协议正文".encode()


def test_the_documents_and_probes_need_no_token(cell: Cell) -> None:
    flask = cell.app.test_client()
    assert flask.get("/livez").json == {"status": "ok"}
    assert flask.get("/readyz").json["status"] == "ok"
    assert flask.get("/metrics").status_code == 404, "figures of all tenants are no public matter"
    assert json.loads(flask.get("/openapi.json").data)["openapi"] == "3.1.0"
    with flask.get("/docs") as page:
        assert b"docs.js" in page.data
    for path, status in (("docs.js", 200), ("../app.py", 404)):
        with flask.get(f"/docs/static/{path}") as answer:
            assert answer.status_code == status
