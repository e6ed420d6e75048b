"""What changed is listed, newest first: by whom, of what, since when; and nobody is told of what is not theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.http.lists.changes_listed import told_kinds
from shared.http.names import KINDS
from tests.builders.cell import Cell, Client
from tests.builders.officials import drafted, proposed, sign
from tests.organisations.builders import registered, representative

PLANNED = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"
NEWEST = "ORDER BY recorded_at DESC, aggregate_id DESC, epoch DESC, version DESC LIMIT 20"


def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/changes", query_string={"limit": 100, **query})
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def types(client: Client, **query: Any) -> list[str]:
    """The types of changes, but of the tenant itself and its keys."""
    return [item["type"] for item in listed(client, **query) if item["kind"] != "tenants.tenant"]


@pytest.fixture
def park(cell: Cell, sichuan: UUID, chongqing: UUID) -> str:
    """Proposed by Sichuan, signed by Chongqing a minute later."""
    url = proposed(cell, sichuan, chongqing)
    cell.clock.advance(timedelta(minutes=1))
    assert sign(cell.client(chongqing), url).status_code == 202
    cell.carry()
    return url


def test_the_newest_change_comes_first_with_its_line_and_who_made_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    answer = cell.client(sichuan).get("/v1/changes?limit=1").json
    newest = answer["items"][0]
    agreement = cell.client(sichuan).get(f"{park}/agreements/1").json
    assert (newest["id"], newest["kind"], newest["revision"]) == (agreement["id"], "parks.agreement", 1)
    assert (newest["type"], newest["home"]) == ("parks.agreement.signed.v1", str(sichuan))
    assert newest["summary"] == {"zh": "签署第 1 版协议", "en": "Revision 1 signed"}
    assert newest["actor"]["tenant"] == str(chongqing)
    timeline = cell.client(sichuan).get(f"{park}/timeline").json["items"][0]
    assert {name: newest[name] for name in ("at", "type", "version", "summary", "actor")} == {
        name: timeline[name] for name in ("at", "type", "version", "summary", "actor")
    }
    named = answer["names"]
    assert named[newest["id"]]["zh"].endswith("协议第1版")
    assert named[str(chongqing)]["zh"] == "chongqing"


def test_it_goes_on_where_a_page_ended(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    client, found, cursor = cell.client(sichuan), list[Any](), dict[str, str]()
    whole = listed(client)
    while cursor is not None:
        page = client.get("/v1/changes", query_string={"limit": 2, **cursor}).json
        found += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None  # type: ignore[assignment]
    assert found == whole
    assert [item["recorded_at"] for item in whole] == sorted((item["recorded_at"] for item in whole), reverse=True)


def test_each_filter_narrows_it(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    mine, other = cell.client(sichuan), cell.client(chongqing)
    signed, of_park = "parks.agreement.signed.v1", {"parks.park.drafted.v1", "parks.park.negotiation_opened.v1"}
    by_sichuan = {*of_park, "parks.agreement.proposed.v1"}
    assert set(types(mine)) == set(types(other)) == {signed, *by_sichuan}
    assert types(mine, by_others="true") == types(other, by_others="false") == [signed]
    assert set(types(other, by_others="true")) == set(types(mine, by_others="false")) == by_sichuan
    assert set(types(mine, kind="parks.park")) == set(types(mine, aggregate=park.rpartition("/")[2])) == of_park
    assert set(types(mine, mine="true")) == by_sichuan
    assert types(mine, mine="false") == types(other, mine="true") == [signed]
    # Another tenant's person of the same id is somebody else.
    assert types(cell.client(chongqing, subject="official-2"), mine="true") == []
    last = listed(mine, limit=1)[0]["recorded_at"]
    assert types(mine, since=last) == []
    before = next(item["recorded_at"] for item in listed(mine) if item["recorded_at"] < last)
    assert types(mine, since=before) == types(mine, updated_since=last) == [signed]


def test_a_tenant_that_is_no_party_is_told_nothing(cell: Cell, park: str) -> None:
    stranger = cell.tenant("guizhou")
    assert types(cell.client(stranger)) == types(cell.client(stranger), aggregate=park.rpartition("/")[2]) == []


def test_everybody_is_told_of_what_they_may_read(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    assert {item["kind"] for item in listed(cell.client(sichuan, "system_administrator"))} <= {"tenants.tenant"}
    assert listed(cell.client(sichuan, "audit_administrator")) == []
    narrow = cell.token(sichuan, scopes={"work:read", "standards:read"})
    assert listed(Client(cell.app.test_client(), lambda: narrow)) == []


def test_an_organisations_people_are_told_of_their_own_alone(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    official = cell.client(sichuan)
    own, other = registered(official), registered(official)
    drafted(cell, sichuan, chongqing)
    manager = representative(cell, sichuan, organisation=own["id"])
    assert {item["id"] for item in listed(manager)} == {own["id"]}
    assert listed(manager, aggregate=other["id"]) == []
    assert {own["id"], other["id"]} <= {item["id"] for item in listed(official)}


def test_keys_and_lists_of_the_platform_itself_are_not_told(cell: Cell, sichuan: UUID) -> None:
    everything = cell.token(sichuan, scopes={"work:read", "identity:read", "organisations:read", "tenants:read"})
    client = Client(cell.app.test_client(), lambda: everything)
    registered(cell.client(sichuan), public=True)
    assert {item["kind"] for item in listed(client)} <= {"organisations.organisation", "tenants.tenant"}
    assert listed(client, kind="organisations.card") == []


def test_whatever_is_told_has_a_name() -> None:
    assert sorted(kind for kind in told_kinds() if kind.partition(".")[2] not in {*KINDS, "tenant"}) == []


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("true", "ix_journal_changes "), ("kind = 'parks.park'", "ix_journal_changes_of_kind "),
        ("NOT by_others AND actor_id = 'x'", "ix_journal_changes_by "), ("by_others", "ix_journal_changes_by_others "),
    ],
)  # fmt: skip
def test_each_way_to_look_has_its_index_in_the_order_of_the_list(
    cell: Cell, sichuan: UUID, condition: str, index: str
) -> None:
    query = f"EXPLAIN (COSTS OFF) SELECT entry FROM shared.journal WHERE {condition} {NEWEST}"
    with psycopg.connect(cell.settings.url("app").replace("+psycopg", "")) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(sichuan)])
        connection.execute(PLANNED)
        plan = "\n".join(line for (line,) in connection.execute(query))
    assert f"Index Scan Backward using {index}on journal" in plan, plan
