"""A certificate is withdrawn: every tenant learns what rests on it, deals with it, and goes back if it was wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.text import FreeText
from services.standards.commands.certificates import restore_certificate, revoke_certificate
from services.standards.domain.consequences import AGAIN, TERM
from services.standards.models import Certificate, Standard
from tests.builders.cell import Cell
from tests.standards.dependants import close, correct, found, key_of, only, qualified, ruled_park, settle, stop
from tests.standards.given import given_body, given_certificate, given_standard

DAY = timedelta(days=1)


class World:
    """Chongqing issued a certificate; things in Sichuan, Guizhou and Chongqing itself rest on it or on its standard."""

    def __init__(self, cell: Cell, chongqing: UUID, sichuan: UUID, guizhou: UUID) -> None:
        self.cell, self.chongqing, self.sichuan, self.guizhou = cell, chongqing, sichuan, guizhou
        self.standard = given_standard(cell, chongqing)
        self.body = given_body(cell, chongqing, self.standard)
        self.number = given_certificate(cell, chongqing, self.body, standard=self.standard)
        self.key = key_of(chongqing, self.number)
        own = given_standard(cell, sichuan)
        body = given_body(cell, sichuan, own)
        self.derived = given_certificate(cell, sichuan, body, standard=own, based_on=[self.number])
        self.firms = {tenant: qualified(cell, tenant, self.number) for tenant in (chongqing, sichuan, guizhou)}
        self.third_hand = qualified(cell, guizhou, self.derived)
        self.park = ruled_park(cell, guizhou, sichuan, standard=self.standard)

    def revoke(self) -> None:
        with self.cell.session(self.chongqing) as session:
            revoke_certificate(session, self.key, reason=FreeText("报告失实"))

    def restore(self) -> None:
        with self.cell.session(self.chongqing) as session:
            restore_certificate(session, self.key, reason=FreeText("误撤销"))
        settle(self.cell)

    def qualification(self, tenant: UUID) -> str:
        shown = self.cell.client(tenant).get(f"/v1/organisations/{self.firms[tenant]}").json
        return str(shown["qualifications"][0]["state"])

    def summary(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.cell.client(self.chongqing).get(f"/v1/consequences/summaries/{self.key}").json
        return answer

    def of(self, tenant: UUID, **filters: Any) -> list[dict[str, Any]]:
        return found(self.cell, tenant, tenant=tenant, **filters)


@pytest.fixture
def world(cell: Cell, chongqing: UUID, sichuan: UUID) -> World:
    return World(cell, chongqing, sichuan, cell.tenant("guizhou"))


def test_a_revocation_is_followed_to_its_end_in_every_tenant_and_back(world: World) -> None:
    cell, chongqing, sichuan, guizhou = world.cell, world.chongqing, world.sichuan, world.guizhou
    world.revoke()
    settle(cell)
    derived = str(key_of(sichuan, world.derived))
    assert {one["dependant"] for one in world.of(chongqing)} == {world.firms[chongqing]}
    assert {one["dependant"] for one in world.of(sichuan)} == {world.firms[sichuan], derived}
    assert {one["dependant"] for one in world.of(guizhou)} == {world.firms[guizhou], world.third_hand}
    found_by = {one["tenant"]: one["found"] for one in world.summary()["tenants"] if one["found"]}
    assert found_by == {str(chongqing): 1, str(sichuan): 2, str(guizhou): 2}

    kept = only(world.of(chongqing))
    close(cell, chongqing, kept["id"], outcome="kept", reason="另有有效报告")
    ours = {one["dependant"]: one["id"] for one in world.of(sichuan)}
    close(cell, sichuan, ours[world.firms[sichuan]], outcome="removed")
    close(cell, sichuan, ours[derived], outcome="removed")
    assert [world.qualification(one) for one in (chongqing, sichuan, guizhou)] == ["valid", "withdrawn", "valid"]
    again = only(world.of(guizhou, cause=derived))
    assert (again["dependant"], again["origin"]) == (world.third_hand, str(sichuan))

    _days(cell, TERM + 1)
    assert (world.summary()["escalated"], world.summary()["open"]) == (2, 2)
    _days(cell, AGAIN)
    assert {one["escalations"] for one in world.of(guizhou, cause=world.key)} == {2}
    theirs = {one["dependant"]: one["id"] for one in world.of(guizhou, cause=world.key)}
    close(cell, guizhou, theirs[world.firms[guizhou]], outcome="suspended")
    assert world.qualification(guizhou) == "suspended"
    assert world.summary()["closed"] == {"kept": 1, "removed": 2, "suspended": 1}
    _corrected(world, derived)


def _corrected(world: World, derived: str) -> None:
    """What nobody dealt with lapses; what was suspended or removed is restored; what was kept is left alone."""
    cell, chongqing, sichuan, guizhou = world.cell, world.chongqing, world.sichuan, world.guizhou
    world.restore()
    assert world.of(chongqing, state="open") == []
    assert [one["state"] for one in world.of(guizhou, cause=world.key, dependant=world.third_hand)] == ["lapsed"]
    for tenant in (sichuan, guizhou):
        for one in world.of(tenant, state="open", purpose="restoration"):
            assert close(cell, tenant, one["id"], outcome="restored").status_code == 200
    assert [world.qualification(one) for one in (chongqing, sichuan, guizhou)] == ["valid", "valid", "valid"]
    with cell.session(sichuan) as session:
        assert session.one(Certificate, UUID(derived)).state == "valid"
    assert [one["state"] for one in world.of(guizhou, cause=derived)] == ["lapsed"]
    assert [one for one in found(cell, chongqing, state="open") if one["cause"] == str(world.key)] == []


def _days(cell: Cell, number: int) -> None:
    """Day by day, as a worker that runs sees them."""
    for _day in range(number):
        cell.clock.offset = cell.clock.offset + DAY
        settle(cell)


def test_a_standard_that_ends_reaches_parks_organisations_and_certificates(world: World) -> None:
    cell, sichuan, guizhou = world.cell, world.sichuan, world.guizhou
    stop(cell, world.chongqing, world.standard, how="withdrawn")
    assert {one["dependant_kind"] for one in world.of(guizhou)} == {"parks.park", "organisations.organisation"}
    assert {one["dependant_kind"] for one in world.of(world.chongqing)} == {
        "standards.certificate", "organisations.organisation",
    }  # fmt: skip
    rule = only(one for one in world.of(guizhou) if one["dependant_kind"] == "parks.park")
    close(cell, guizhou, rule["id"], outcome="suspended")
    assert cell.client(sichuan).get(world.park).json["entry_rules"][0]["state"] == "suspended"
    correct(cell, world.chongqing, world.standard, kind=Standard)
    close(cell, guizhou, only(world.of(guizhou, state="open"))["id"], outcome="restored")
    assert cell.client(sichuan).get(world.park).json["entry_rules"][0]["state"] == "valid"


class OneTenantLate:
    """The worker reacts everywhere but in one tenant, whose turn comes when it is told: it was busy or restarted."""

    def __init__(self, cell: Cell, late: UUID) -> None:
        self.cell, self.late, self.waiting = cell, late, list[Any]()
        self.react, cell.worker._react_in = cell.worker._react_in, self._hold  # type: ignore[method-assign]

    def _hold(self, tenant: UUID, received: Any) -> None:
        if tenant == self.late:
            self.waiting.append(received)
        else:
            self.react(tenant, received)

    def catch_up(self) -> None:
        self.cell.worker._react_in = self.react  # type: ignore[method-assign]
        for received in self.waiting:
            self.react(self.late, received)


def new_dependant(world: World, tenant: UUID, *, carry: bool) -> str:
    return qualified(world.cell, tenant, world.number, carry=carry)


@pytest.mark.parametrize("order", ["cited and heard before", "cited before, heard after", "cited after"])
def test_a_dependant_that_comes_while_the_revocation_is_on_its_way_is_not_missed(world: World, order: str) -> None:
    """Sichuan has heard of the revocation, Guizhou not yet; in both something new comes to rest on the certificate."""
    cell, tenants = world.cell, (world.sichuan, world.guizhou)
    new: dict[UUID, str] = {}
    if order == "cited and heard before":
        new = {tenant: new_dependant(world, tenant, carry=True) for tenant in tenants}
    if order == "cited before, heard after":
        new = {tenant: new_dependant(world, tenant, carry=False) for tenant in tenants}
    citing = cell.take_unsent()
    late = OneTenantLate(cell, world.guizhou)
    world.revoke()
    cell.carry()
    assert world.of(world.sichuan)
    assert world.of(world.guizhou) == []
    if order == "cited after":
        new = {tenant: new_dependant(world, tenant, carry=True) for tenant in tenants}
    cell.deliver(citing)
    cell.carry()
    late.catch_up()
    settle(cell)
    for tenant in tenants:
        reviews = [one["dependant"] for one in world.of(tenant, cause=world.key)]
        assert reviews.count(new[tenant]) == 1, "once, and not missed"
        assert reviews.count(world.firms[tenant]) == 1
