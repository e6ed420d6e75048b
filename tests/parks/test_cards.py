"""Parks in force as anybody sees them: what stands on their cards, from when to when, and by whose signatures."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import NullPool, create_engine

from services.parks.commands import agreements
from services.parks.domain.cards import signed_by_parties
from services.parks.models import ParkCardRow
from shared.core.calendar import day_of
from tests.parks.builders import Story

PARKS = "/v1/public/parks"


def listed(cell: Any, **query: Any) -> list[dict[str, Any]]:
    """The parks of this test's own tenants, as anybody reads them."""
    answer = cell.app.test_client().get(PARKS, query_string={"limit": 100, **query})
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


@pytest.fixture
def story(cell, sichuan, chongqing) -> Story:
    return Story(cell, sichuan, chongqing)


def test_a_park_is_seen_by_anybody_from_the_day_it_is_in_force(cell, story, sichuan):
    story.draft()
    assert listed(cell, tenant=sichuan) == []
    story.propose()
    assert listed(cell, tenant=sichuan) == []
    for tenant in story.parties:
        story.sign(tenant, 1)
    (park,) = listed(cell, tenant=sichuan)
    assert (park["state"], park["name_zh"], park["since"]) == ("active", "川渝高竹新区", "2021-12-27"), (
        "the agreement's day"
    )
    assert [party["tenant"] for party in park["parties"]] == list(map(str, story.parties))
    assert story.url.endswith(park["id"])


def test_nothing_of_what_the_parties_agreed_is_told(cell, story, sichuan):
    story.active()
    answer = cell.app.test_client().get(PARKS, query_string={"tenant": str(sichuan)})
    assert not {"terms", "content_hash", "signatures", "consents", "entry_rules", "revision"} & set(
        answer.json["items"][0]
    )
    assert "提前一百八十天" not in answer.text


def test_a_suspended_park_is_marked_and_a_resumed_one_is_not(cell, story, sichuan):
    story.active()
    told = story.post(story.parties[1], "/suspend", {"reason": "环境整治"})
    assert told["status"] == 200, told
    assert [park["state"] for park in listed(cell, tenant=sichuan)] == ["suspended"]
    assert listed(cell, tenant=sichuan, state="active") == []
    for tenant in story.parties:
        story.post(tenant, "/resume")
    assert [park["state"] for park in listed(cell, tenant=sichuan, state="active")] == ["active"]


def test_a_dissolved_park_is_taken_back_and_its_card_names_nothing(cell, story, sichuan):
    story.active()
    day = day_of(cell.clock.now()) + timedelta(days=200)
    for tenant in story.parties:
        assert story.dissolve(tenant, day)["status"] == 200
    assert len(listed(cell, tenant=sichuan)) == 1
    cell.clock.offset += timedelta(days=201)
    cell.run_timers()
    cell.carry()
    assert listed(cell, tenant=sichuan) == []
    with cell.database.cell_session() as session:
        (row,) = [row for row in session.query(ParkCardRow) if row.state["park_id"] == story.url.rpartition("/")[2]]
    assert (row.state["status"], row.state["name_zh"], row.state["parties"]) == ("recalled", None, [])


def test_a_park_from_before_there_were_cards_gets_the_one_it_would_have_had(
    cell, story, sichuan, chongqing, monkeypatch
):
    with monkeypatch.context() as before:
        before.setattr(agreements, "issue_card", lambda *_, **__: None)
        old = Story(cell, sichuan, chongqing).active()
        Story(cell, sichuan, chongqing).draft()
    story.active()
    cell.clock.offset += timedelta(days=40)
    assert len(listed(cell, tenant=sichuan)) == 1
    for _ in range(2):
        engine = create_engine(cell.settings.url("owner"), poolclass=NullPool)
        with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
            import_module("services.parks.migrations.0009_older_parks").upgrade()
        cell.run_timers()
        cell.carry()
    found = {park["id"]: park for park in listed(cell, tenant=chongqing)}
    assert len(found) == 2
    assert found[old.url.rpartition("/")[2]]["since"] == "2021-12-27"
    with cell.database.cell_session() as session:
        assert [row.version for row in session.query(ParkCardRow) if row.state["park_id"] in found] == [1, 1]


def test_parks_are_found_by_name_party_kind_and_sector(cell, story, sichuan, chongqing):
    story.draft(name_zh="嘉陵协同示范园", sectors=["装备制造"])
    story.conclude()
    for query in ({"q": "示范 嘉陵"}, {"tenant": str(chongqing)}, {"kind": "joint"}, {"sector": "装备"}):
        found = listed(cell, **{"tenant": str(sichuan), **query})
        assert [park["name_zh"] for park in found] == ["嘉陵协同示范园"], query
    for query in ({"q": "高竹"}, {"kind": "enclave"}, {"sector": "汽车"}):
        assert listed(cell, **{"tenant": str(sichuan), **query}) == [], query


def test_the_directory_counts_the_parks_that_a_tenant_shares(cell, story, sichuan):
    story.draft()
    assert shared(cell, sichuan)["parks"] == 0
    story.conclude()
    assert shared(cell, sichuan)["parks"] == 1


def shared(cell: Any, tenant: UUID) -> dict[str, int]:
    client, cursor = cell.app.test_client(), None
    while True:
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/public/tenants", query_string=query).json
        for item in page["items"]:
            if item["id"] == str(tenant):
                counts: dict[str, int] = item["shared"]
                return counts
        cursor = page["next"]


def test_nobody_is_shown_as_a_party_by_the_word_of_the_home_alone(cell, story, sichuan, chongqing):
    story.active()
    with cell.database.cell_session() as session:
        (row,) = [row for row in session.query(ParkCardRow) if row.state["park_id"] == story.url.rpartition("/")[2]]
    revision = story.get(sichuan, "/agreements/1")["id"]
    asked = "parks.agreement.sign", UUID(revision)
    assert [tenant for tenant, _command in signed_by_parties(sichuan, row.state, asked=asked)] == [chongqing]
    alone = {**row.state, "signatures": [one for one in row.state["signatures"] if one["tenant"] == str(sichuan)]}
    with pytest.raises(ValueError, match="not all"):
        signed_by_parties(sichuan, alone, asked=asked)
    with pytest.raises(ValueError, match="something else"):
        signed_by_parties(sichuan, row.state, asked=("parks.agreement.sign", sichuan))
    with pytest.raises(ValueError, match="names parties"):
        signed_by_parties(sichuan, {**row.state, "status": "recalled"}, asked=asked)
