"""Lines to other tenants: what waits there, what is held here, when its cell was heard, and one reason for it all."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.tenants.commands import rotate_key, suspend_tenant
from shared.broadcasts.lines import homes
from shared.core.context import PLATFORM
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell
from tests.builders.officials import drafted, park_draft
from tests.builders.two_cells import TwoCells, lost_on_the_way_to
from tests.organisations.builders import registered, representative

AREAS = itertools.count(300)


def line(cell: Cell, tenant: UUID, other: UUID) -> dict[str, Any]:
    answer = cell.client(tenant).get("/v1/lines")
    assert answer.status_code == 200, answer.json
    return next(item for item in answer.json["items"] if item["tenant"] == str(other))


def told(cell: Cell, tenant: UUID, url: str) -> dict[str, str]:
    """The reason that the delivery page gives for each party of a thing."""
    parties = cell.client(tenant).get(f"{url}/delivery").json["aggregates"][0]["parties"]
    return {party["tenant"]: party["line"] for party in parties}


def counts(shown: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(shown[name] for name in ("reason", "unconfirmed", "waiting_versions", "held", "missing"))


def revised(cell: Cell, tenant: UUID, url: str) -> None:
    """To a value that it had not."""
    assert cell.client(tenant).patch(url, {"area_km2": str(next(AREAS))}).status_code == 200


def none_arrives(_messages: list[Unsent]) -> list[Unsent]:
    return []


@pytest.fixture(autouse=True)
def awake(cell: Cell) -> None:
    """The cell has heard itself a moment ago."""
    cell.tick()
    cell.carry()


def test_whoever_has_confirmed_everything_is_in_step(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    shown = line(cell, sichuan, chongqing)
    assert (counts(shown), shown["waiting_since"], shown["held_since"]) == (("in_step", 0, 0, 0, 0), None, None)
    assert (shown["is_here"], shown["cell"], shown["key_is_current"]) == (True, cell.settings.cell, True)
    assert shown["confirmed_at"] is not None
    assert counts(line(cell, chongqing, sichuan)) == ("in_step", 0, 0, 0, 0)
    assert told(cell, sichuan, url) == {str(sichuan): "in_step", str(chongqing): "in_step"}


def test_what_is_not_confirmed_is_counted_from_the_first_version_that_is_missing(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url, other = drafted(cell, sichuan, chongqing), drafted(cell, sichuan, chongqing)
    cell.clock.advance(timedelta(seconds=1))
    for _time in range(2):
        revised(cell, sichuan, url)
        cell.clock.advance(timedelta(seconds=1))
    revised(cell, sichuan, other)
    cell.carry(none_arrives)
    shown = line(cell, sichuan, chongqing)
    assert counts(shown) == ("behind", 2, 3, 0, 0)
    missing = cell.client(sichuan).get(f"/v1/changes?aggregate={url.rpartition('/')[2]}").json["items"][1]
    assert (missing["version"], shown["waiting_since"]) == (2, missing["recorded_at"])
    assert told(cell, sichuan, url) == {str(sichuan): "in_step", str(chongqing): "behind"}


def test_what_does_not_advance_here_is_held_until_it_comes(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    revised(cell, sichuan, url)
    cell.carry(none_arrives)
    revised(cell, sichuan, url)
    for message in cell.take_unsent():
        cell.deliver([message])
    shown = line(cell, chongqing, sichuan)
    assert counts(shown) == ("held", 0, 0, 1, 2)
    assert shown["held_since"] is not None
    assert told(cell, chongqing, url) == {str(chongqing): "held"}
    cell.carry()
    assert counts(line(cell, chongqing, sichuan)) == ("in_step", 0, 0, 0, 0)


def test_a_tenant_is_told_of_those_it_shares_something_with_alone(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    drafted(cell, sichuan, chongqing)
    stranger = cell.tenant("guizhou")
    tenants = {item["tenant"] for item in cell.client(sichuan).get("/v1/lines?limit=100").json["items"]}
    assert tenants == {str(chongqing), str(PLATFORM)}
    assert str(sichuan) not in {item["tenant"] for item in cell.client(stranger).get("/v1/lines").json["items"]}


def test_whose_copies_are_here_is_found_from_home_to_home_in_the_index(cell: Cell, sichuan: UUID) -> None:
    others = {cell.tenant(name) for name in ("north", "south", "west")}
    for other in others:
        for _ in range(3):
            drafted(cell, other, sichuan)
    with cell.session(sichuan) as session:
        assert {home for (home,) in homes.rows(session, here=sichuan)} - {PLATFORM} == others
        statement, values = homes.with_values({"here": sichuan})
        connection = session.connection().connection.driver_connection
        connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(line for (line,) in connection.execute(f"EXPLAIN {statement}", values))
    assert "Recursive Union" in plan, "all copies are read, instead of one for each home"
    assert "Index Only Scan using ix_progress_homes" in plan, plan


def test_an_organisations_people_are_told_of_no_line(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    drafted(cell, sichuan, chongqing)
    manager = representative(cell, sichuan, organisation=registered(cell.client(sichuan))["id"])
    assert manager.get("/v1/lines").json["items"] == []


def test_a_suspended_tenant_says_why_it_is_late_and_its_key_stays_known(cell: Cell, sichuan: UUID) -> None:
    away = cell.tenant("hubei", name_zh="湖北", name_en="Hubei")
    url = drafted(cell, sichuan, away)
    with cell.session(PLATFORM) as session:
        suspend_tenant(session, away, reason=None)
    cell.carry()
    with cell.session(sichuan) as session:
        session.directory.refresh(session)
    revised(cell, sichuan, url)
    cell.carry(none_arrives)
    shown = line(cell, sichuan, away)
    assert (shown["reason"], shown["key_is_current"]) == ("suspended", True)
    assert told(cell, sichuan, url)[str(away)] == "suspended"


def test_the_newest_key_is_told(cell: Cell, sichuan: UUID) -> None:
    other = cell.tenant("hubei", name_zh="湖北", name_en="Hubei")
    drafted(cell, sichuan, other)
    before = line(cell, sichuan, other)["key"]
    cell.clock.advance(timedelta(minutes=1))
    with cell.session(PLATFORM) as session:
        rotate_key(session, other, reason=None)
    cell.carry()
    cell.clock.advance(timedelta(minutes=1))
    listed = cell.client(sichuan).get(f"/v1/tenants/{other}").json["keys"]
    shown = line(cell, sichuan, other)
    assert shown["key"] != before
    assert {before, shown["key"]} == {key["key"] for key in listed}


@pytest.fixture
def apart(cells: TwoCells) -> tuple[UUID, UUID]:
    """A tenant in each cell."""
    pair = cells.tenant("near"), cells.tenant("far", there=True)
    cells.calm()
    return pair


def test_a_cell_that_is_silent_for_half_a_minute_is_unheard_until_it_speaks(
    cells: TwoCells, apart: tuple[UUID, UUID]
) -> None:
    near, far = apart
    url = f"/v1/parks/{cells.one.client(near).post('/v1/parks', park_draft(near, far)).json['id']}"
    cells.one.carry()
    shown = line(cells.one, near, far)
    assert (shown["reason"], shown["is_here"], shown["cell"]) == ("in_step", False, "cell2")
    assert shown["clock_ahead"] == 0
    revised(cells.one, near, url)
    cells.one.carry(lost_on_the_way_to(cells.two))
    assert line(cells.one, near, far)["reason"] == "behind"
    cells.one.clock.advance(timedelta(seconds=31))
    silent = line(cells.one, near, far)
    assert (silent["reason"], silent["heard_at"]) == ("unheard", shown["heard_at"])
    assert told(cells.one, near, url) == {str(near): "in_step", str(far): "unheard"}
    cells.pass_seconds(20)
    assert line(cells.one, near, far)["reason"] == "in_step"


def test_a_clock_that_runs_before_ours_is_seen(cells: TwoCells, apart: tuple[UUID, UUID]) -> None:
    near, far = apart
    cells.one.client(near).post("/v1/parks", park_draft(near, far))
    cells.one.carry()
    cells.one.clock.advance(timedelta(seconds=20))
    cells.two.tick()
    messages = cells.two.take_unsent()
    cells.one.clock.offset -= timedelta(seconds=13)
    cells.two.deliver(messages)
    assert line(cells.one, near, far)["clock_ahead"] == pytest.approx(13, abs=2)
    cells.one.clock.advance(timedelta(seconds=13))
    cells.calm()
