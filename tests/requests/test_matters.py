"""Matters of parks: the duty table that all parties sign, who answers by it, and that no home names somebody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events.requests import CaseDueChanged, CaseFiled, DutyRevisionProposed, DutyTableBegun
from services.requests.domain import clocks
from services.requests.domain.matters import (
    ITEM_IDS,
    SHEET,
    check_matter,
    check_matters,
    content_hash,
    item_of,
)
from services.requests.models import Case, DutyRevision, DutyTable, Note
from shared.core.errors import InvalidError
from shared.journal.session import Session
from tests.builders.cell import Cell
from tests.builders.officials import drafted as park_drafted
from tests.builders.officials import park_draft
from tests.builders.working import actions
from tests.organisations.builders import representative
from tests.requests.given import REASON, answered_by, done
from tests.requests.test_duties import add
from tests.requests.test_story import refused

HERE, THERE = (UUID(int=number) for number in range(1, 3))


def test_each_kind_of_matter_is_one_partys() -> None:
    check_matters(answered_by(HERE, labour=THERE), parties=[HERE, THERE])
    with pytest.raises(InvalidError) as raised:
        check_matters([*answered_by(HERE, labour=THERE)[1:], answered_by(HERE)[1]], parties=[HERE])
    assert [fault.pointer for fault in raised.value.faults] == ["/matters/1/tenant", "/matters/4/kind", "/matters"]


def test_a_matter_is_with_whom_the_table_names_and_with_nobody_else() -> None:
    park, matters = uuid4(), answered_by(HERE, labour=THERE)
    signed = content_hash(park, matters, effective_from="2027-01-01")
    matter = {"kind": "labour", "matters": matters, "effective_from": "2027-01-01", "content_hash": signed}
    state: dict[str, Any] = {
        "park_id": str(park), "matter": matter, "handler": str(THERE), "forwards": [], "sheet": SHEET,
        "item_id": str(ITEM_IDS["labour"]), "item": item_of("labour"),
    }  # fmt: skip
    check_matter(state)
    check_matter({**state, "matter": None, "handler": str(HERE)})
    passed_on = {**state, "handler": str(HERE), "forwards": [{"by": str(THERE)}]}
    check_matter(passed_on)
    other = {**matter, "matters": answered_by(HERE)}
    for lie in (
        {**state, "handler": str(HERE)},
        {**state, "matter": {**matter, "kind": "permits"}, "item": item_of("permits"),
         "item_id": str(ITEM_IDS["permits"])},
        {**state, "park_id": str(uuid4())}, {**state, "handler": str(HERE), "matter": other},
        {**passed_on, "forwards": [{"by": str(HERE)}]},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="duty table"):
            check_matter(lie)
    silent = {**SHEET, "answer": {**SHEET["answer"], "silence": "approved"}}
    for other_terms in ({"sheet": silent}, {"item_id": str(uuid4())}, {"item": item_of("permits")}):
        with pytest.raises(ValueError, match="as all matters are"):
            check_matter({**state, **other_terms})


def test_the_sheet_says_that_its_terms_are_our_own_and_after_what() -> None:
    assert "平台自定" in SHEET["basis"]
    assert "12345热线" in SHEET["basis"]
    assert (SHEET["acceptance"]["days"], SHEET["answer"]["days"]) == (1, 5)


@dataclass
class Park:
    """A park of Sichuan, its home, with Chongqing and Guizhou."""

    cell: Cell
    parties: tuple[UUID, UUID, UUID]
    key: str

    def begun(self) -> str:
        """The address of its duty table."""
        made = self.cell.client(self.parties[0]).post("/v1/park-duties", {"park": self.key})
        assert made.status_code == 201, made.json
        self.cell.carry()
        return f"/v1/park-duties/{made.json['id']}"

    def proposed(self, url: str, matters: list[dict[str, str]], *, by: UUID) -> Any:
        body = {"matters": matters, "effective_from": "2026-01-01"}
        answer = self.cell.client(by).post(f"{url}/revisions", body)
        self.cell.carry()
        return answer

    def sign(self, url: str, number: int, *, by: UUID) -> Any:
        one = f"{url}/revisions/{number}"
        content = self.cell.client(by).get(one).json["content_hash"]
        answer = self.cell.client(by).post(f"{one}/sign", {"content_hash": content})
        self.cell.carry()
        return answer

    def agreed(self, matters: list[dict[str, str]]) -> str:
        url = self.begun()
        assert self.proposed(url, matters, by=self.parties[0]).status_code == 201
        for party in self.parties:
            assert self.sign(url, 1, by=party).status_code in (200, 202)
        return url

    def raised(self, by: UUID, kind: str, **changes: Any) -> Any:
        body = {"park": self.key, "kind": kind, "applicant": "园区管委会(虚构)",
                "answers": [{"name": "matter", "value": "路灯未通电"}], **changes}  # fmt: skip
        return self.cell.client(by).post("/v1/requests/matters", body)


@pytest.fixture
def park(cell: Cell, sichuan: UUID, chongqing: UUID) -> Park:
    parties = sichuan, chongqing, cell.tenant("guizhou")
    return Park(cell, parties, park_drafted(cell, *parties).rpartition("/")[2])


def test_a_matter_goes_to_the_party_and_unit_that_all_have_agreed_on_and_ends_as_its_raiser_agrees(
    cell: Cell, park: Park
) -> None:
    sichuan, chongqing, guizhou = park.parties
    assert park.raised(guizhou, "utilities").json["code"] == "duty_table_missing"
    url = park.begun()
    allowed = [cell.client(sichuan, role).get(url).json["allowed_actions"] for role in ("reviewer", "observer")]
    assert allowed == [["propose_revision"], []]
    assert park.proposed(url, answered_by(sichuan, utilities=chongqing), by=chongqing).status_code == 202
    assert cell.client(sichuan, "reviewer").get(url).json["allowed_actions"] == []
    for party in (sichuan, chongqing):
        park.sign(url, 1, by=party)
    # Until the last one has signed nothing holds.
    assert (f"{url}/revisions/1", "sign") in actions(cell.client(guizhou))
    assert park.raised(guizhou, "utilities").json["code"] == "duty_table_missing"
    park.sign(url, 1, by=guizhou)
    assert [cell.client(party).get(f"{url}/revisions/1").json["state"] for party in park.parties] == ["in_force"] * 3
    clerk = str(uuid4())
    add(cell, chongqing, unit="别的处", category="park", person=str(uuid4()))
    add(cell, chongqing, unit="园区办", person=clerk)
    raised = park.raised(guizhou, "utilities")
    assert raised.status_code == 201, raised.json
    case = f"/v1/requests/{raised.json['id']}"
    shown = raised.json
    assert (shown["handler"], shown["matter"]["kind"], shown["organisation"]) == (str(chongqing), "utilities", None)
    assert shown["names"][shown["item"]]["en"] == "Park matter: utilities"
    built_in = cell.client(guizhou).get(f"/v1/service-items/{shown['item']}").json
    assert (built_in["sheet"]["basis"], built_in["allowed_actions"]) == (SHEET["basis"], [])
    assert cell.client(guizhou).post(f"{case}/file", {}).status_code == 200
    cell.carry()
    there = cell.client(chongqing).get(case).json
    assert (there["unit"], there["person"], there["number"][:7]) == ("园区办", clerk, "GUIZHOU")
    assert cell.client(sichuan).get(case).status_code == 404
    listed = cell.client(chongqing).get("/v1/requests", query_string={"matter": "utilities"}).json["items"]
    assert [one["id"] for one in listed] == [raised.json["id"]]
    assert cell.client(guizhou).post(f"{case}/messages", {"text": "请尽快"}).status_code == 201
    done(cell, chongqing, case, "accept")
    done(cell, chongqing, case, "decide", outcome="approved", **REASON)
    done(cell, chongqing, case, "deliver")
    assert refused(cell, chongqing, case, "close") == "home_only"
    assert done(cell, guizhou, case, "close")["state"] == "closed"


def test_a_matter_ends_by_its_term_where_its_raiser_says_nothing(cell: Cell, park: Park) -> None:
    sichuan, chongqing, _guizhou = park.parties
    park.agreed(answered_by(sichuan, other=chongqing))
    case = f"/v1/requests/{park.raised(sichuan, 'other').json['id']}"
    assert cell.client(sichuan).post(f"{case}/file", {}).status_code == 200
    cell.carry()
    for action, body in (("accept", {}), ("decide", {"outcome": "approved", **REASON}), ("deliver", {})):
        done(cell, chongqing, case, action, **body)
    cell.clock.offset += timedelta(days=30)
    cell.run_timers()
    cell.carry()
    assert cell.client(sichuan).get(case).json["state"] == "closed"


def test_a_later_revision_counts_and_whoever_joins_signs_anew(cell: Cell, park: Park) -> None:
    sichuan, chongqing, guizhou = park.parties
    url = park.agreed(answered_by(sichuan, labour=chongqing))
    draft = park.raised(guizhou, "labour").json
    assert park.proposed(url, answered_by(sichuan, labour=guizhou), by=guizhou).status_code == 202
    for party in park.parties:
        park.sign(url, 2, by=party)
    assert cell.client(guizhou).get(f"{url}/revisions/1").json["state"] == "superseded"
    # What was begun before goes to whom the table names when it is filed.
    filed = cell.client(guizhou).post(f"/v1/requests/{draft['id']}/file", {}).json
    assert (draft["handler"], filed["handler"], filed["matter"]["revision"]) == (str(chongqing), str(guizhou), 2)
    yunnan = cell.tenant("yunnan")
    parties = park_draft(*park.parties, yunnan)["parties"]
    assert cell.client(sichuan).patch(f"/v1/parks/{park.key}", {"parties": parties}).status_code == 200
    cell.carry()
    assert park.raised(guizhou, "labour").json["code"] == "duty_table_missing"
    assert park.proposed(url, answered_by(yunnan), by=sichuan).status_code == 201
    for party in (*park.parties, yunnan):
        park.sign(url, 3, by=party)
    assert park.raised(guizhou, "labour").json["handler"] == str(yunnan)


def test_who_may_begin_a_table_and_raise_a_matter(cell: Cell, park: Park) -> None:
    sichuan, chongqing, _guizhou = park.parties
    assert cell.client(chongqing).post("/v1/park-duties", {"park": park.key}).json["code"] == "park_home_only"
    yunnan = cell.tenant("yunnan")
    assert cell.client(yunnan).post("/v1/park-duties", {"park": park.key}).json["code"] == "park_unknown"
    url = park.agreed(answered_by(chongqing))
    assert cell.client(sichuan).post("/v1/park-duties", {"park": park.key}).json["code"] == "duty_table_exists"
    assert cell.client(yunnan).get(url).status_code == cell.client(yunnan).get(f"{url}/revisions/1").status_code == 404
    assert park.raised(yunnan, "labour").json["code"] == "park_unknown"
    people = representative(cell, sichuan, organisation=str(uuid4()))
    body = {"park": park.key, "kind": "labour", "applicant": "试"}
    assert people.post("/v1/requests/matters", body).json["code"] == "residents_unknown"
    wrong = park.proposed(url, answered_by(yunnan), by=sichuan)
    assert (wrong.status_code, wrong.json["code"]) == (422, "duty_table_invalid")


def _elsewhere(park: Park, _row: Case) -> dict[str, Any]:
    return {"handler": park.parties[0]}


def _own_table(park: Park, row: Case) -> dict[str, Any]:
    matter = dict(row.matter or {})
    matters = answered_by(park.parties[1], utilities=park.parties[1], permits=park.parties[1])
    signed = content_hash(park.key, matters, effective_from=matter["effective_from"])
    return {"handler": park.parties[1], "matter": {**matter, "matters": matters, "content_hash": signed}}


def _by_silence(_park: Park, row: Case) -> dict[str, Any]:
    return {"sheet": {**row.sheet, "answer": {**row.sheet["answer"], "silence": "approved"}}}


def _unsigned(park: Park, row: Case) -> dict[str, Any]:
    return {**_own_table(park, row), "matter": {**_own_table(park, row)["matter"], "consent": None}}


def file_unchecked(session: Session, row: Case, *, number: str) -> None:
    """File a matter as it stands, whoever the table names."""
    row.state, row.number, row.filed_at = "filed", number, session.clock.now()
    row.party_ids = sorted({row.home_id, row.handler})
    row.clocks = clocks.begun(
        [], clock=clocks.ACCEPTANCE, term=row.sheet["acceptance"], side=clocks.of_handler(row.handler), now=row.filed_at
    )
    session.publish(row, CaseFiled(number=number, handler=row.handler, applicant=None, answers=None))


LIES: Mapping[str, tuple[int, Callable[[Park, Case], dict[str, Any]]]] = {
    "it is another party's": (0, _elsewhere),
    "a table that nobody signed": (1, _own_table),
    "a table without a signature": (1, _unsigned),
    "a sheet by which silence approves": (1, _by_silence),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_home_gives_a_matter_to_another_party_than_the_table_names(cell: Cell, park: Park, lie: str) -> None:
    sichuan, chongqing, guizhou = park.parties
    park.agreed(answered_by(sichuan, utilities=chongqing))
    key = UUID(park.raised(guizhou, "utilities").json["id"])
    number, said = LIES[lie]
    with cell.session(guizhou) as session:
        row = session.locked(Case, key)
        for name, value in said(park, row).items():
            setattr(row, name, value)
        file_unchecked(session, row, number="GUIZHOU-2026-0000001-X")
    cell.carry()
    assert cell.client(park.parties[number]).get(f"/v1/requests/{key}").status_code == 404


def test_what_sort_of_matter_it_is_stays_as_it_was_filed(cell: Cell, park: Park) -> None:
    sichuan, chongqing, guizhou = park.parties
    park.agreed(answered_by(sichuan, utilities=chongqing, labour=chongqing))
    url = f"/v1/requests/{park.raised(guizhou, 'utilities').json['id']}"
    assert cell.client(guizhou).post(f"{url}/file", {}).status_code == 200
    cell.carry()
    with cell.session(guizhou) as session:
        row = session.locked(Case, UUID(url.rpartition("/")[2]))
        row.matter = {**(row.matter or {}), "kind": "labour"}
        session.publish(row, CaseDueChanged(due_on=row.due_on, was_due_on=row.due_on))
    cell.carry()
    assert cell.client(chongqing).get(url).json["matter"]["kind"] == "utilities"


def test_where_the_table_is_ones_own_a_made_up_one_is_told_to_colleagues(cell: Cell, park: Park) -> None:
    sichuan, chongqing, guizhou = park.parties
    park.agreed(answered_by(sichuan, utilities=chongqing))
    found = []
    for kind in ("permits", "utilities"):
        key = UUID(park.raised(guizhou, kind).json["id"])
        with cell.session(guizhou) as session:
            row = session.locked(Case, key)
            matter = dict(row.matter or {})
            if kind == "utilities":
                matters = answered_by(sichuan)
                signed = content_hash(park.key, matters, effective_from=matter["effective_from"])
                row.matter, row.handler = {**matter, "matters": matters, "content_hash": signed}, sichuan
            file_unchecked(session, row, number=f"GUIZHOU-2026-{key.hex[:7]}-X")
        cell.carry()
        with cell.session(sichuan) as session:
            found.append(len(session.scalars(select(Note).where(Note.case_id == key)).all()))
    assert found == [0, 1]


def test_a_second_table_of_a_park_is_not_believed(cell: Cell, park: Park) -> None:
    _sichuan, chongqing, guizhou = park.parties
    with cell.session(chongqing) as session:
        made = session.create(
            DutyTable, parties=[chongqing, guizhou], park_id=UUID(park.key), name_zh="假", name_en=None,
            next_revision=1,
        )  # fmt: skip
        session.publish(made, DutyTableBegun(park=UUID(park.key)))
        day, matters = date(2026, 1, 1), answered_by(chongqing)
        signed = content_hash(park.key, matters, effective_from=day)
        revision = session.create(
            DutyRevision, parties=[chongqing, guizhou], table_id=made.id, park_id=UUID(park.key), matters=matters,
            revision=1, state="proposed", effective_from=day, content_hash=signed, proposer=chongqing, signatures=[],
        )  # fmt: skip
        said = DutyRevisionProposed(park=UUID(park.key), revision=1, content_hash=signed)
        session.publish(revision, said)
    cell.carry()
    assert cell.client(chongqing).get(f"/v1/park-duties/{made.id}").status_code == 200
    assert cell.client(guizhou).get(f"/v1/park-duties/{made.id}").status_code == 404
    with cell.session(guizhou) as session:
        assert session.scalars(select(DutyRevision)).all() == []


def test_built_in_items_are_the_same_everywhere_and_cannot_be_asked_for(cell: Cell, sichuan: UUID) -> None:
    assert str(ITEM_IDS["permits"]) == "257f4333-d3c0-5596-8ec6-019624f720a3"
    body = {"item": str(ITEM_IDS["permits"]), "organisation": str(uuid4()), "applicant": "试"}
    assert cell.client(sichuan).post("/v1/requests", body).status_code == 404
