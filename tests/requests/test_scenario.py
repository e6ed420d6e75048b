"""The whole life of one case over five jurisdictions: the same to all whom it concerns, to each no more than theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.requests.models import Assignment, Case, Mention, Message, Note, Refusal, Routing, Tally
from tests.builders.cell import Cell, Client
from tests.builders.officials import agreement_draft, park_draft, sign
from tests.organisations.builders import registered, representative
from tests.requests.given import ANSWERS, REASON, done, drafted, opened

INSIDE = (Assignment, Note, Mention, Routing, Refusal, Tally)
"""What a tenant keeps for its officials alone."""


@dataclass
class Scenario:
    """A case of an organisation of Hunan in an enclave park, for Guizhou; Chongqing and Sichuan come to it."""

    cell: Cell
    hunan: UUID
    guizhou: UUID
    chongqing: UUID
    sichuan: UUID
    yunnan: UUID
    organisation: str
    other: str
    applicant: Client
    url: str

    @property
    def concerned(self) -> tuple[UUID, ...]:
        return self.hunan, self.guizhou, self.chongqing, self.sichuan

    def asked(self, action: str, **body: Any) -> None:
        """The organisation's own people do it."""
        answer = self.applicant.post(f"{self.url}/{action}", body)
        assert answer.status_code == 200, answer.json
        self.cell.carry()

    def does(self, tenant: UUID, action: str, **body: Any) -> dict[str, Any]:
        return done(self.cell, tenant, self.url, action, **body)

    def says(self, client: Client, text: str) -> None:
        assert client.post(f"{self.url}/messages", {"text": text}).status_code == 201
        self.cell.carry()


def enclave(cell: Cell, origin: UUID, *, host: UUID) -> str:
    """The id of an enclave park of one province in another, by an agreement that both have signed."""
    parties = [{"tenant": str(origin), "role": "origin"}, {"tenant": str(host), "role": "host"}]
    made = cell.client(origin).post("/v1/parks", park_draft(kind="enclave", parties=parties))
    assert made.status_code == 201, made.json
    url = f"/v1/parks/{made.json['id']}"
    assert cell.client(origin).post(f"{url}/agreements", agreement_draft(origin, host)).status_code == 201
    cell.carry()
    for party in (origin, host):
        assert sign(cell.client(party), url).status_code in (200, 202)
        cell.carry()
    assert cell.client(origin).get(url).json["state"] == "active"
    return str(made.json["id"])


@pytest.fixture
def scenario(cell: Cell, sichuan: UUID, chongqing: UUID) -> Scenario:
    hunan, guizhou, yunnan = (cell.tenant(name) for name in ("hunan", "guizhou", "yunnan"))
    park = enclave(cell, hunan, host=yunnan)
    organisation, other = (registered(cell.client(hunan))["id"] for _each in range(2))
    item = opened(cell, guizhou)
    applicant = representative(cell, hunan, organisation=organisation)
    url = drafted(applicant, item, organisation=None, park=park)
    return Scenario(cell, hunan, guizhou, chongqing, sichuan, yunnan, organisation, other, applicant, url)


def live(case: Scenario) -> None:
    """Filed, returned, forwarded once, split in two, decided, delivered, rated."""
    case.asked("file")
    case.does(case.guizhou, "return", missing=["scope"], **REASON)
    case.asked("supplement", answers=[{**ANSWERS[0], "value": "食品和农产品"}])
    forward = {"to": str(case.chongqing), "kind": "territory", **REASON}
    assert case.cell.client(case.guizhou).post(f"{case.url}/forward", forward).status_code == 202
    case.cell.carry()
    case.does(case.chongqing, "accept")
    to = [{"to": str(one), "task": task} for one, task in ((case.guizhou, "核验设备"), (case.sichuan, "核验人员"))]
    case.does(case.chongqing, "split", parts=to)
    for tenant in case.concerned:
        official = case.cell.client(tenant)
        case.says(official, "已收到")
        note = {"text": f"内部 {tenant}", "mentions": [str(tenant)]}
        assert official.post(f"{case.url}/notes", note).status_code == 201
    case.says(case.applicant, "谢谢")
    case.does(case.sichuan, "finish_part", part=2, result="人员合格")
    case.does(case.guizhou, "finish_part", part=1, result="设备合格")
    case.does(case.chongqing, "decide", outcome="approved", **REASON)
    case.does(case.chongqing, "deliver")
    case.asked("rate", score=5, **REASON)
    case.asked("close")


def test_a_case_lives_through_five_jurisdictions_and_each_sees_the_same_and_no_more(scenario: Scenario) -> None:
    live(scenario)
    cell, url, key = scenario.cell, scenario.url, UUID(scenario.url.rpartition("/")[2])
    # One number, one state, one end, in all that it concerns.
    shown = [cell.client(tenant).get(url).json for tenant in scenario.concerned]
    for name in ("number", "state", "version", "parts", "ratings", "due_on", "clocks", "applicant"):
        assert all(one[name] == shown[0][name] for one in shown), name
    # Who comes later knows through whose hands it went, not what was said about it before.
    assert [[move["to"] for move in one["forwards"]] for one in shown] == [[str(scenario.chongqing)]] * 4
    assert [one["forwards"][0]["reason"] for one in shown] == ["试", "试", "试", None]
    assert (shown[0]["state"], [one["state"] for one in shown[0]["parts"]]) == ("closed", ["done", "done"])
    assert shown[0]["number"].startswith("HUNAN")
    assert shown[1]["park_named"]["name_zh"], "whoever handles it reads of which park it is"
    entries = [timeline(cell.client(tenant), url) for tenant in scenario.concerned]
    assert [kind for _version, _hash, kind in entries[0]][::-1] == [
        "drafted", "filed", "returned", "supplemented", "forwarded", "accepted", "split", "part_finished", "merged",
        "decided", "delivered", "rated", "closed",
    ]  # fmt: skip
    for found in entries[1:]:
        # The same entries, from when each came to it; Guizhou was away between its forward and its part.
        assert set(found) <= set(entries[0])
        assert found[:7] == entries[0][:7]
    assert timeline(scenario.applicant, url) == entries[0]
    # The thread since each has been a party, and nobody's notes but one's own.
    for tenant in scenario.concerned:
        official = cell.client(tenant)
        assert len(official.get(f"{url}/messages").json["items"]) == 5
        assert [one["text"] for one in official.get(f"{url}/notes").json["items"]] == [f"内部 {tenant}"]
    assert scenario.applicant.get(f"{url}/notes").status_code == 403
    assert len(scenario.applicant.get(f"{url}/messages").json["items"]) == 5
    assert scenario.applicant.get(url).json["person"] is None
    # A party of the park that has nothing to do with the case, and another organisation of the same tenant.
    stranger = representative(cell, scenario.hunan, organisation=scenario.other)
    for client in (cell.client(scenario.yunnan), stranger):
        assert [client.get(f"{url}{part}").status_code for part in ("", "/timeline", "/messages")] == [404] * 3
        assert client.get("/v1/requests").json["items"] == []
    slices_of_rows(scenario, key)


def timeline(client: Client, url: str) -> list[tuple[int, str, str]]:
    items = client.get(f"{url}/timeline?limit=100").json["items"]
    return [(one["version"], one["entry_hash"], one["type"].split(".")[2]) for one in items]


def slices_of_rows(scenario: Scenario, key: UUID) -> None:
    """The same asked of the database itself, as the role of the API, without any route between."""
    for tenant in (*scenario.concerned, scenario.yunnan):
        with scenario.cell.session(tenant) as session:
            is_concerned = tenant in scenario.concerned
            assert [row.id for row in session.scalars(select(Case))] == ([key] if is_concerned else [])
            assert len(session.scalars(select(Message)).all()) == (5 if is_concerned else 0)
            notes = session.scalars(select(Note)).all()
            assert [row.text for row in notes] == ([f"内部 {tenant}"] if is_concerned else [])
            assert {row.person for row in session.scalars(select(Mention))} <= {str(tenant)}
            for kind in (Case, Message, *INSIDE):
                assert {row.tenant_id for row in session.scalars(select(kind))} <= {tenant}
    for organisation, number in ((scenario.organisation, 1), (scenario.other, 0)):
        context = {"organisation_id": UUID(organisation), "scope": "organisation"}
        with scenario.cell.session(scenario.hunan, **context) as session:
            assert len(session.scalars(select(Case)).all()) == number
            assert len(session.scalars(select(Message)).all()) == number * 5
            assert [session.scalars(select(kind)).all() for kind in INSIDE] == [[]] * len(INSIDE)
