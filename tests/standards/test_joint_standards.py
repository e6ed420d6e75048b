"""One text under the numbers of several tenants: released everywhere at one instant, when all have signed the same."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events.standards import StandardReleased
from services.standards.models import Standard, StandardRow
from shared.database.registers import RegisterEntry
from shared.journal.entries import JournalRow
from tests.standards.drafting import Drafting, found, line, released, today
from tests.standards.given import all_signed, given_fields


@pytest.fixture
def four(cell, sichuan, chongqing):
    return Drafting(cell, sichuan, chongqing, cell.tenant("guizhou"), cell.tenant("yunnan"))


def test_four_tenants_release_one_text_at_one_instant_after_a_refusal_and_an_amendment(four, cell):
    four.open()
    four.present()
    sichuan, chongqing, guizhou, yunnan = four.issuers
    assert four.sign(sichuan)["status"] == 200
    assert four.post(guizhou, "/refuse", {"reason": "限值过宽"})["status"] == 200
    assert four.states() == ["drafting"] * 4
    assert [four.get(who)["reason"] for who in four.issuers] == ["限值过宽"] * 4
    assert four.patch(chongqing, {"sheet": [line(limit="0.100")]})["status"] == 200
    assert four.post(yunnan, "/present")["status"] == 200
    for tenant in (sichuan, chongqing, guizhou):
        assert four.sign(tenant)["status"] == 200
    assert four.patch(yunnan, {"sheet": [line(limit="0.080")]})["status"] == 200
    assert _voided(four) == {str(sichuan), str(chongqing), str(guizhou)}
    assert (four.get(guizhou)["signatures"], len(four.get(guizhou)["missing_signatures"])) == ([], 4)
    for tenant in (yunnan, sichuan, guizhou):
        assert four.sign(tenant)["status"] == 200
    before = [four.resolved(who, number) for who in four.issuers for number in four.numbers.values()]
    assert before == [[]] * 16
    assert four.sign(chongqing)["status"] == 200
    _is_one_text_everywhere(four, cell)


def _voided(four) -> set[str]:
    entries = four.get(four.lead, "/timeline")["items"]
    revised = next(item for item in entries if item["type"] == "standards.project.revised.v1")
    return set(revised["change"]["voided"])


def _is_one_text_everywhere(four, cell) -> None:
    standard = four.standard()
    after = [four.resolved(who, number) for who in four.issuers for number in four.numbers.values()]
    assert after == [[standard["id"]]] * 16
    assert {four.standard(who)["etag"] for who in four.issuers} == {"1.1"}
    assert {four.standard(who)["released_at"] for who in four.issuers} == {standard["released_at"]}
    assert [item["limit"] for item in standard["sheet"]] == ["0.080"]
    for tenant in four.issuers:
        with cell.session(tenant) as session:
            rows = session.scalars(select(JournalRow).where(JournalRow.aggregate_id == standard["id"])).all()
            known = session.scalars(select(RegisterEntry).where(RegisterEntry.id == standard["id"])).all()
            register = session.get_one(StandardRow, standard["id"])
            assert [row.entry for row in rows] == [row.entry for row in known] == [register.entry]
    assert four.states() == ["released"] * 4


def test_a_tenant_that_takes_no_part_finds_it_by_any_of_the_numbers(four, cell):
    four.open()
    four.present()
    standard = four.conclude()
    stranger = cell.client(cell.tenant("hubei"))
    ids = [item["id"] for number in four.numbers.values() for item in found(stranger, number=number)]
    assert ids == [standard["id"]] * 4
    shown = stranger.get(f"/v1/standards/{standard['id']}").json
    assert (shown["numbers"], shown["allowed_actions"]) == (list(four.numbers.values()), [])
    assert stranger.get(four.url).status_code == 404


def test_the_numbers_are_no_part_of_what_is_signed(four):
    before = four.open()["content_hash"]
    four.number()
    assert four.get(four.issuers[2])["content_hash"] == before
    entered = {item["tenant"]: item["number"] for item in four.get(four.lead)["issuers"]}
    assert entered == {str(tenant): number for tenant, number in four.numbers.items()}


def test_one_signs_the_content_one_has_read(four):
    four.open()
    four.present()
    answer = four.post(four.issuers[1], "/sign", {"content_hash": "0" * 64})
    assert (answer["status"], answer["code"]) == (409, "content_changed")
    assert four.sign(four.issuers[1])["status"] == 200
    assert four.sign(four.issuers[1])["code"] == "already_signed"


def test_a_joint_standard_is_withdrawn_when_every_issuer_has_agreed_to_the_day(four, cell):
    four.open()
    four.present()
    url = f"/v1/standards/{four.conclude()['id']}"
    sichuan, chongqing, guizhou, yunnan = four.issuers
    body = {"effective_on": today(cell, 3), "reason": "已有新标准"}
    for tenant in (chongqing, sichuan, guizhou):
        assert four.post(tenant, f"{url}/withdraw", body)["status"] == 200
    assert four.post(guizhou, f"{url}/withdraw", body)["code"] == "already_agreed"
    shown = four.get(yunnan, url)
    assert (shown["state"], len(shown["spells"]), len(shown["ends"]["agreed"])) == ("in_force", 1, 3)
    assert four.post(yunnan, f"{url}/withdraw", body)["status"] == 200
    shown = four.get(yunnan, url)
    assert (shown["state"], [period["state"] for period in shown["spells"]]) == ("in_force", ["in_force", "withdrawn"])
    assert four.post(yunnan, f"{url}/withdraw", body)["code"] == "end_set"


def forged(cell, home, *issuers, **changes) -> UUID:
    """A standard that its home alone says is also these tenants'."""
    fields = {**given_fields(cell, home, *issuers), **changes}
    with cell.session(home) as session:
        row = session.create(Standard, parties=[home], **fields)
        session.publish(row, StandardReleased(content_hash=row.content_hash, effective_from=row.effective_from))
    cell.carry()
    return row.id


def test_nobody_becomes_an_issuer_by_anothers_word(cell, sichuan, chongqing):
    honest = all_signed(cell, chongqing, given_fields(cell, chongqing, sichuan))
    (own,), order = honest["signatures"], honest["signatures"][0]["command"]
    lies = (
        {"signatures": []},
        {"title_zh": "另一份文本"},
        {"project_id": uuid4()},
        {"signatures": [{**own, "command": {**order, "signature": order["signature"][::-1]}}]},
        {"signatures": [{**own, "command": {**order, "document": {**order["document"], "actor": "another"}}}]},
    )
    for lie in lies:
        key = forged(cell, chongqing, sichuan, **{**honest, **lie})
        assert cell.client(sichuan).get(f"/v1/standards/{key}").status_code == 404, lie
    shown = cell.client(sichuan).get(f"/v1/standards/{forged(cell, chongqing, sichuan, **honest)}")
    assert [item["tenant"] for item in shown.json["issuers"]] == [str(chongqing), str(sichuan)]


def test_what_is_signed_names_who_signs(cell, sichuan, chongqing):
    both = Drafting(cell, sichuan, chongqing)
    before = both.open()["content_hash"]
    both.patch(chongqing, {"issuers": [str(sichuan)]})
    assert both.get(sichuan)["content_hash"] != before


def test_an_end_that_all_have_set_is_undone_by_all_and_not_by_the_lead_alone(four, cell):
    four.open()
    four.present()
    before = four.conclude()
    url, reason = f"/v1/standards/{before['id']}", {"reason": "误废止"}
    for tenant in four.issuers:
        four.post(tenant, f"{url}/withdraw", {"effective_on": today(cell), "reason": "已有新标准"})
    for tenant in four.issuers[:3]:
        assert four.post(tenant, f"{url}/restore", reason)["status"] == 200
    assert four.post(four.lead, f"{url}/restore", reason)["code"] == "already_agreed"
    shown = four.get(four.lead, url)
    assert (shown["state"], shown["ends"]["restoring"]) == ("withdrawn", [str(one) for one in four.issuers[:3]])
    assert (shown["reason"], shown["allowed_actions"]) == ("已有新标准", [])
    assert four.get(four.issuers[3], url)["allowed_actions"] == ["restore"]
    assert four.post(four.issuers[3], f"{url}/restore", reason)["status"] == 200
    shown = four.get(four.lead, url)
    assert (shown["state"], shown["ends"], shown["spells"]) == ("in_force", None, before["spells"])


def test_an_end_that_is_only_proposed_is_taken_back_by_the_lead_alone(four, cell):
    four.open()
    four.present()
    url, reason = f"/v1/standards/{four.conclude()['id']}", {"reason": "误废止"}
    lead, other = four.issuers[:2]
    four.post(other, f"{url}/withdraw", {"effective_on": today(cell, 3), "reason": "已有新标准"})
    assert four.post(other, f"{url}/restore", reason)["code"] == "lead_only"
    assert four.post(lead, f"{url}/restore", reason)["status"] == 200
    assert four.get(other, url)["ends"] is None


def test_another_day_makes_all_agree_anew(four, cell):
    four.open()
    four.present()
    url = f"/v1/standards/{four.conclude()['id']}"
    for tenant, days in ((four.issuers[1], 3), (four.issuers[2], 3), (four.issuers[3], 5)):
        body = {"effective_on": today(cell, days), "reason": "已有新标准"}
        assert four.post(tenant, f"{url}/withdraw", body)["status"] == 200
    assert four.get(four.lead, url)["ends"]["agreed"] == [str(four.issuers[3])]


def test_a_joint_standard_is_replaced_only_with_all_its_issuers(four, cell):
    sichuan, chongqing = four.issuers[:2]
    older = released(cell, sichuan, chongqing)
    alone = Drafting(cell, sichuan)
    alone.open(replaces=[older["id"]])
    alone.number()
    refused = alone.post(sichuan, "/present")
    assert (refused["status"], refused["code"]) == (409, "not_replaceable")
    both = Drafting(cell, sichuan, chongqing)
    both.open(replaces=[older["id"]])
    both.present()
    newer = both.conclude()
    shown = both.get(chongqing, f"/v1/standards/{older['id']}")
    assert (shown["state"], shown["ends"]["by"]) == ("superseded", newer["id"])


def test_who_signs_last_waits_for_nothing_that_is_not_its_own(cell, sichuan, chongqing):
    older = released(cell, sichuan)
    both = Drafting(cell, sichuan, chongqing)
    both.open(replaces=[older["id"]])
    both.present()
    both.sign(sichuan)
    signed = both.sign(chongqing)
    assert signed["status"] == 200, signed
    entries = both.get(sichuan, f"/v1/standards/{older['id']}/timeline")["items"]
    ends = [entry["actor"]["tenant"] for entry in entries if entry["type"] != "standards.standard.released.v1"]
    assert ends == [str(sichuan)] * 2
    assert both.standard(chongqing)["replaces"] == [older["id"]]
    assert older["id"] not in [result["aggregate"] for result in signed["results"]]
    assert len(signed["results"]) == 2
