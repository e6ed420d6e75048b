"""What waits for whom: derived from every row that is written, the same at home and at parties, never another's."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from shared.journal.work import WorkRow
from tests.builders.cell import Cell, Client
from tests.builders.officials import active, agreement_draft, drafted, proposed, sign
from tests.builders.sizes import seeds, soak
from tests.builders.working import actions, check_derived, listed
from tests.shared.test_forwarding import ask, hours_pass

PARK_ACTIONS = ("resume", "dissolve", "call_off")


def test_an_agreement_waits_for_each_signature_that_is_missing(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = proposed(cell, sichuan, chongqing)
    one, other = cell.client(sichuan), cell.client(chongqing)
    task = (f"{url}/agreements/1", "sign")
    assert actions(one) == actions(other) == actions(one, "for=others") == {task}
    assert actions(one, "for=others_alone") == set(), "it waits for oneself, too"
    assert sign(one, url).status_code == 200
    assert actions(one) == set()
    cell.carry()
    assert (actions(one, "for=others"), actions(other), actions(other, "for=others")) == ({task}, {task}, set())
    assert actions(one, "for=others_alone") == {task}
    shown = listed(other)[0]
    assert shown["asked_by"] == str(sichuan)
    park = other.get(url).json
    assert shown["name_zh"] == f"{park['name_zh']}协议第1版"
    assert (shown["action_zh"], shown["action_en"], shown["due"]) == ("签署协议", "Sign the agreement", None)
    assert (shown["waits_for"], shown["overdue"]) == ([str(chongqing)], False)
    assert other.get(shown["url"]).json["id"] == shown["id"]
    exported = other.get("/v1/work?format=csv").get_data(as_text=True)
    assert f"{chongqing},chongqing / chongqing," in exported


def test_ones_own_work_is_what_ones_rights_allow(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    proposed(cell, sichuan, chongqing)
    clerk = cell.client(chongqing, "clerk")
    assert actions(clerk) == set()
    assert len(actions(clerk, "for=tenant")) == 1
    assert actions(cell.client(chongqing, "system_administrator"), "for=tenant") == set()


def test_a_park_that_ends_asks_for_no_signature(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    assert (
        cell.client(sichuan)
        .post(f"{url}/agreements", agreement_draft(sichuan, chongqing, effective_from="2021-01-02"))
        .status_code
        == 201
    )
    wanted = {"dissolves_on": "2100-01-01", "reason": "规划调整"}
    cell.client(sichuan).post(f"{url}/dissolve", wanted)
    cell.carry()
    assert actions(cell.client(chongqing)) == {(f"{url}/agreements/2", "sign"), (url, "dissolve")}
    cell.client(chongqing).post(f"{url}/dissolve", wanted)
    cell.carry()
    for tenant in (sichuan, chongqing):
        day = cell.client(tenant).get(url).json["dissolves_on"]
        assert (day, actions(cell.client(tenant), "for=tenant")) == ("2100-01-01", set())
    cell.client(chongqing).post(f"{url}/call-off")
    cell.carry()
    assert actions(cell.client(sichuan)) == {(url, "call_off")}


def test_an_overdue_command_waits_for_home_until_it_answers(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    command = ask(cell, chongqing, drafted(cell, sichuan, chongqing))
    held = cell.take_unsent()
    client = cell.client(chongqing)
    assert client.get("/v1/work?for=others").json["items"] == []
    hours_pass(cell)
    cell.sweep(chongqing)
    shown = client.get("/v1/work?for=others&overdue=true&kind=machine.command").json["items"]
    assert [(item["url"], item["waits_for"]) for item in shown] == [(command, [str(sichuan)])]
    cell.deliver(held)
    cell.carry()
    assert client.get(command).json["state"] != "overdue"
    assert client.get("/v1/work?for=others").json["items"] == []


def test_a_list_of_work_goes_on_where_a_page_ended(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    urls = {(f"{proposed(cell, sichuan, chongqing)}/agreements/1", "sign") for _park in range(3)}
    client, found, cursor = cell.client(sichuan), list[tuple[str, str]](), ""
    while cursor is not None:
        page = client.get(f"/v1/work?limit=1&{cursor}").json
        found += [(item["url"], item["action"]) for item in page["items"]]
        cursor = None if page["next"] is None else f"cursor={page['next']}"
    assert (len(found), set(found)) == (3, urls)


def test_no_tenant_sees_the_work_of_another(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = proposed(cell, sichuan, chongqing)
    stranger = cell.tenant("stranger")
    for query in ("for=me", "for=tenant", "for=others", "kind=parks.agreement", "for=others&format=csv"):
        answer = cell.client(stranger).get(f"/v1/work?{query}")
        assert url not in answer.get_data(as_text=True)
    with cell.session(stranger) as session:
        assert session.scalars(select(WorkRow)).all() == []
        session.execute(delete(WorkRow))
    assert len(actions(cell.client(sichuan))) == 1


def test_people_of_an_organisation_see_nothing_of_the_tenants_work(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    proposed(cell, sichuan, chongqing)
    token = cell.token(sichuan, "organisation_manager", scopes={"work:read", "parks:read", "parks:sign"},
                       organisation_id=uuid4())  # fmt: skip
    boss = Client(cell.app.test_client(), lambda: token)
    assert [actions(boss, f"for={whose}") for whose in ("me", "tenant", "others")] == [set(), set(), set()]


def step(cell: Cell, who: UUID, url: str, *, chance: random.Random, parties: tuple[UUID, UUID]) -> None:
    """One thing that may or may not be possible now."""
    client = cell.client(who)
    revisions = client.get(f"{url}/agreements").json["items"]
    one = revisions[0] if revisions else {"revision": 1, "content_hash": "0" * 64}
    at = f"{url}/agreements/{one['revision']}"
    tried: list[tuple[str, Any]] = [
        (f"{url}/agreements", agreement_draft(*parties, confirm_duplicate=True)),
        (f"{at}/sign", {"content_hash": one["content_hash"]}),
        (f"{at}/sign", {"content_hash": one["content_hash"]}), (f"{at}/withdraw", {"reason": "误"}),
        (f"{at}/refuse", {"reason": "不"}), (f"{url}/suspend", {"reason": "停"}), (f"{url}/resume", {}),
    ]  # fmt: skip
    if chance.random() < 0.1:
        wanted = {"dissolves_on": "2100-01-01", "reason": "规划调整"}
        tried.append(chance.choice([(f"{url}/dissolve", wanted), (f"{url}/call-off", {})]))
    path, body = chance.choice(tried)
    assert client.post(path, body).status_code < 500


def check_equal(cell: Cell, tenant: UUID, url: str) -> None:
    """The index says what the things themselves say, and what deriving it anew says."""
    client = cell.client(tenant)
    mine = actions(client)
    revisions = client.get(f"{url}/agreements").json["items"]
    for one in revisions:
        at = f"{url}/agreements/{one['revision']}"
        assert ((at, "sign") in mine) == ("sign" in one["allowed_actions"]), (one, mine)
    park = client.get(url).json
    for action in PARK_ACTIONS:
        asked = bool(park["consents"].get(action)) and action in park["allowed_actions"]
        assert ((url, action) in mine) == asked, (action, park, mine)
    check_derived(cell, tenant)


@soak
@pytest.mark.parametrize("seed", seeds(1, 9))
def test_after_any_history_the_index_says_what_the_things_say(
    cell: Cell, sichuan: UUID, chongqing: UUID, seed: int
) -> None:
    chance, parties = random.Random(seed), (sichuan, chongqing)
    url = drafted(cell, *parties)
    for turn in range(25):
        step(cell, chance.choice(parties), url, chance=chance, parties=parties)
        # Entries of home come late, out of order and twice: what waits follows all the same, also by a resync.
        lose = chance.random() < 0.3
        cell.deliver([row for row in cell.take_unsent() for _copy in range(2) if not lose])
        cell.clock.advance(timedelta(seconds=1))
        if turn % 5 == 4:
            cell.clock.advance(timedelta(hours=2))
            for _round in range(3):
                cell.sweep(*parties)
                cell.carry()
            for tenant in parties:
                check_equal(cell, tenant, url)
