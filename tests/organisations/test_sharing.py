"""Organisations across tenants: introduced, withdrawn, public cards, second registrations."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.organisations.models import CardRow, SearchKey
from shared.database.registers import RegisterEntry
from shared.journal.progress import ProgressRow
from tests.organisations.builders import credit_code, draft, registered

ALL = "/v1/organisations"


@pytest.fixture
def home(cell, sichuan):
    return cell.client(sichuan)


@pytest.fixture
def party(cell, chongqing):
    return cell.client(chongqing)


def introduced(cell, home, tenant, **changes):
    made = registered(home, **changes)
    answer = home.post(f"{ALL}/{made['id']}/introduce", {"tenant": str(tenant)})
    assert answer.status_code == 200, answer.json
    cell.carry()
    return made


def found(client, term):
    return [item["id"] for item in client.get(f"{ALL}?q={term}").json["items"]]


def test_a_tenant_in_which_it_takes_part_holds_the_same_card_and_finds_it(cell, home, party, chongqing):
    made = introduced(cell, home, chongqing, name_zh="广安鑫达机械有限公司")
    there = party.get(f"{ALL}/{made['id']}")
    assert there.headers["ETag"] == home.get(f"{ALL}/{made['id']}").headers["ETag"] == '"1.2"'
    assert (there.json["home"], there.json["allowed_actions"]) == (made["home"], ["withdraw"])
    assert found(party, "鑫达") == found(party, "xdjx") == found(party, made["code"]) == [made["id"]]
    home.patch(f"{ALL}/{made['id']}", {"name_zh": "广安瑞华机械有限公司", "former_names": []})
    cell.carry()
    assert (found(party, "瑞华"), found(party, "鑫达"), found(party, "xdjx")) == ([made["id"]], [], [])


def test_only_home_changes_it(cell, home, party, chongqing):
    made = introduced(cell, home, chongqing)
    for method, rule, body in (
        ("patch", "", {"name_en": "X"}), ("post", "/suspend", {"reason": "x"}), ("post", "/publish", {}),
    ):  # fmt: skip
        answer = getattr(party, method)(f"{ALL}/{made['id']}{rule}", body)
        assert answer.status_code == 202
        cell.carry()
        refused = party.get(answer.headers["Location"]).json
        assert (refused["state"], refused["problem"]["code"]) == ("refused", "home_only")


@pytest.mark.parametrize("by_home", [True, False])
def test_after_its_withdrawal_it_is_found_there_no_longer(cell, home, party, chongqing, by_home):
    made = introduced(cell, home, chongqing, name_zh="广安鑫达机械有限公司")
    client = home if by_home else party
    assert client.post(f"{ALL}/{made['id']}/withdraw", {"tenant": str(chongqing)}).status_code in (200, 202)
    cell.carry()
    cell.carry()
    assert (found(party, "鑫达"), party.get(ALL).json["items"]) == ([], [])
    assert party.get(f"{ALL}/by-code/{made['code']}").status_code == 404
    assert found(home, "鑫达") == [made["id"]]
    home.post(f"{ALL}/{made['id']}/introduce", {"tenant": str(chongqing)})
    cell.carry()
    assert found(party, "鑫达") == [made["id"]]


def test_a_party_ends_its_own_part_only(cell, home, party, chongqing, sichuan):
    made = introduced(cell, home, chongqing)
    answer = party.post(f"{ALL}/{made['id']}/withdraw", {"tenant": str(sichuan)})
    cell.carry()
    assert party.get(answer.headers["Location"]).json["problem"]["code"] == "home_only"
    assert home.post(f"{ALL}/{made['id']}/introduce", {"tenant": str(chongqing)}).json["code"] == "already_introduced"
    unknown = home.post(f"{ALL}/{made['id']}/introduce", {"tenant": made["id"]}).json
    assert (unknown["code"], unknown["errors"][0]["pointer"]) == ("invalid", "/tenant")


def test_a_successor_takes_the_place_of_what_was_merged_also_at_parties(cell, home, party, chongqing):
    old = introduced(cell, home, chongqing, name_zh="渝北旧厂")
    new = registered(home, name_zh="渝北新厂")
    home.post(f"{ALL}/{old['id']}/merge", {"into": new["id"]})
    cell.carry()
    assert found(party, "旧厂") == found(party, old["code"]) == [new["id"]]
    assert party.get(f"{ALL}/by-code/{old['code']}").json["id"] == new["id"]
    assert party.get(f"{ALL}/{old['id']}").json["successor"] == new["id"]


def test_a_public_card_is_seen_everywhere_until_it_is_recalled(cell, home, party, sichuan):
    made = registered(home, public=True, name_zh="公开机械有限公司")
    cell.carry()
    card = party.get(f"{ALL}/cards?code={made['code']}").json["items"][0]
    assert (card["holder"], card["organisation"], card["name_zh"], card["state"]) == (
        str(sichuan), made["id"], "公开机械有限公司", "active",
    )  # fmt: skip
    assert set(card) == {
        "organisation", "holder", "code", "name_zh", "name_en", "kind", "sectors", "division", "state",
        "successor_code", "received_at",
    }  # fmt: skip
    home.post(f"{ALL}/{made['id']}/suspend", {"reason": "x"})
    cell.carry()
    assert party.get(f"{ALL}/cards?code={made['code']}").json["items"][0]["state"] == "suspended"
    home.post(f"{ALL}/{made['id']}/conceal")
    cell.carry()
    assert party.get(f"{ALL}/cards?code={made['code']}").json["items"] == []
    with cell.worker_database.cell_session() as session:
        now = session.scalars(select(CardRow).where(CardRow.entry_hash.is_not(None))).all()
        kept = [row.state for row in now if row.state["organisation_id"] == made["id"]]
    assert [(state["status"], state["code"], state["name_zh"]) for state in kept] == [("recalled", None, None)]
    assert home.post(f"{ALL}/{made['id']}/publish").json["public"] is True
    cell.carry()
    assert len(party.get(f"{ALL}/cards?code={made['code']}").json["items"]) == 1


def test_public_cards_come_in_pages(cell, home, party):
    made = sorted(registered(home, public=True, name_zh="分页卡片机构")["code"] for _ in range(3))
    cell.carry()
    seen, cursor = [], ""
    while cursor is not None:
        page = party.get(f"{ALL}/cards?q=分页卡片&limit=2{cursor and f'&cursor={cursor}'}").json
        seen, cursor = [*seen, *(item["code"] for item in page["items"])], page["next"]
    assert set(made) <= set(seen)
    assert seen == sorted(seen)
    assert party.get(f"{ALL}/cards?cursor=bm9uZQ").status_code == 422


def test_a_second_registration_elsewhere_is_told_of_a_public_organisation_alone(cell, home, party):
    hidden, public = registered(home), registered(home, public=True)
    cell.carry()
    assert party.post(ALL, draft(code=hidden["code"])).status_code == 201
    answer = party.post(ALL, draft(code=public["code"]))
    assert (answer.status_code, answer.json["code"]) == (409, "code_taken_elsewhere")
    assert "sichuan" in answer.json["message"]["en"]
    assert public["id"] not in str(answer.json)
    home.post(f"{ALL}/{public['id']}/conceal")
    cell.carry()
    assert party.post(ALL, draft(code=public["code"])).status_code == 201


def test_an_own_and_an_introduced_organisation_of_one_code_stand_side_by_side(cell, home, party, chongqing):
    code = credit_code()
    own = registered(party, code=code)
    other = introduced(cell, home, chongqing, code=code)
    assert set(found(party, code)) == {own["id"], other["id"]}
    assert party.get(f"{ALL}/by-code/{code}").json["id"] == own["id"]
    with cell.session(chongqing) as session:
        assert set(session.scalars(select(ProgressRow.status))) == {"in_step"}


def test_an_introduced_organisation_is_not_registered_again(cell, home, party, chongqing):
    other = introduced(cell, home, chongqing)
    answer = party.post(ALL, draft(code=other["code"]))
    assert (answer.json["code"], other["id"] in answer.json["message"]["en"]) == ("code_taken", True)


def test_a_party_keeps_no_more_keys_than_home(cell, home, sichuan, chongqing):
    made = introduced(cell, home, chongqing, name_zh="广安鑫达机械有限公司")
    home.patch(f"{ALL}/{made['id']}", {"name_zh": "宜宾瑞华电子有限公司"})
    home.patch(f"{ALL}/{made['id']}", {"former_names": [], "name_en": "Ruihua"})
    cell.carry()
    keys = {}
    for tenant in (sichuan, chongqing):
        with cell.session(tenant) as session:
            keys[tenant] = sorted(session.execute(select(SearchKey.rank, SearchKey.key)).all())
    assert keys[sichuan] == keys[chongqing]
    assert len(keys[sichuan]) > 10


def test_a_card_does_not_make_the_directory_be_read_again(cell, home, monkeypatch):
    registered(home, public=True)
    read = []
    monkeypatch.setattr(cell.worker_database.directory, "refresh", lambda _session: read.append(1))
    cell.worker_database.directory._read_at = float("inf")
    cell.carry()
    assert read == []
    with cell.worker_database.cell_session() as session:
        kinds = set(session.scalars(select(RegisterEntry.kind)))
    assert "organisations.card" in kinds
