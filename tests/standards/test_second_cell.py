"""What a second cell says of certificates when broadcasts do not reach it: never more than it knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete

from events.canonical import instant
from events.envelope import decode
from services.standards.models import CertificateRow
from shared.broadcasts.completeness import FRESH, KnownHome
from shared.database.registers import RegisterEntry
from shared.messaging.relay import Unsent
from tests.builders.two_cells import TwoCells, lost_on_the_way_to
from tests.standards.abroad import Abroad
from tests.standards.given import given_certificate


@pytest.fixture(scope="module")
def abroad(cells: TwoCells) -> Abroad:
    return Abroad(cells)


@pytest.fixture(autouse=True)
def another_certificate(cells: TwoCells, abroad: Abroad) -> None:
    cells.calm()
    abroad.number = abroad.issued()
    cells.pass_seconds(1)


def test_a_lost_revocation_is_noticed_not_taken_for_valid_and_healed(cells: TwoCells, abroad: Abroad) -> None:
    before = cells.one.clock.now()
    assert (abroad.counts(), abroad.shown()[0]) == (True, "valid")
    abroad.revoke()
    cells.one.carry(lost_on_the_way_to(cells.two))
    cells.pass_seconds(1)
    noticed, at = abroad.asked(), instant(cells.one.clock.now())
    assert (noticed["counts"], noticed["up_to_date"]) == (None, False)
    first = noticed["chain"][0]
    assert (first["step"], first["holds"], first["code"]) == ("certificate", None, "certificate_not_known")
    assert before - timedelta(seconds=3) < datetime.fromisoformat(noticed["known_until"]) <= before
    assert "已知至北京时间" in first["message"]["zh"]
    assert noticed["known_until"] in first["message"]["en"]
    assert (abroad.listed()["missing"], abroad.listed()["known_until"]) == (1, noticed["known_until"])
    state, page = abroad.shown()
    assert state == "not_known"
    assert "已知至" in page
    cells.calm()
    healed = abroad.asked()
    assert (healed["counts"], healed["chain"][0]["code"], healed["up_to_date"]) == (False, "certificate_revoked", True)
    assert abroad.shown()[0] == "revoked"
    assert (abroad.listed()["missing"], abroad.listed()["up_to_date"]) == (0, True)
    again = abroad.asked(known_at=at)
    assert (again["counts"], again["known_until"]) == (None, noticed["known_until"])
    assert abroad.asked(known_at=instant(before))["counts"] is True


def test_what_another_certificate_misses_says_nothing_of_this_one(cells: TwoCells, abroad: Abroad) -> None:
    other = abroad.issued()
    abroad.revoke(other)
    cells.one.carry(lost_on_the_way_to(cells.two))
    cells.pass_seconds(1)
    assert (abroad.counts(other), abroad.counts()) == (None, True)


def test_a_certificate_that_never_arrived_is_not_known_and_then_counts(cells: TwoCells, abroad: Abroad) -> None:
    one, clock = cells.one, cells.one.clock
    cells.one.neighbours, kept = {}, cells.one.neighbours
    number = given_certificate(one, abroad.home, abroad.body, standard=abroad.standard)
    cells.one.neighbours = kept
    clock.advance(timedelta(seconds=1))
    cells.pass_seconds(1)
    assert abroad.asked(number)["chain"][0]["code"] == "certificate_not_known"
    cells.calm()
    assert abroad.counts(number) is True


def test_where_the_manifest_is_lost_too_the_next_beat_tells(cells: TwoCells, abroad: Abroad) -> None:
    abroad.revoke()
    cells.pass_seconds(1, lost_on_the_way_to(cells.two))
    assert abroad.counts() is True, "nothing was heard yet"
    cells.calm()
    assert abroad.counts() is False


def without_manifests(messages: list[Unsent]) -> list[Unsent]:
    return [row for row in messages if decode(row.value).kind != "manifest"]


def test_where_nobody_can_tell_what_is_missing_nothing_of_that_home_is_taken_for_sure(
    cells: TwoCells, abroad: Abroad
) -> None:
    abroad.revoke()
    cells.one.carry(lost_on_the_way_to(cells.two))
    cells.pass_seconds(1, without_manifests)
    cells.one.clock.advance(FRESH)
    cells.pass_seconds(1, without_manifests)
    assert abroad.asked()["chain"][0]["code"] == "certificate_not_known"
    at = instant(cells.one.clock.now())
    cells.calm()
    assert abroad.counts() is False
    assert abroad.asked(known_at=at)["counts"] is None


def test_where_home_is_silent_an_answer_says_until_when_it_is_known_and_after_a_day_it_says_no_more(
    cells: TwoCells, abroad: Abroad
) -> None:
    received = cells.one.clock.now()
    cells.one.clock.advance(timedelta(minutes=1))
    quiet = abroad.asked()
    assert (quiet["counts"], quiet["up_to_date"]) == (True, False)
    assert datetime.fromisoformat(quiet["known_until"]) <= received
    assert "已知至" in abroad.shown()[1]
    at = instant(cells.one.clock.now())
    cells.one.clock.advance(timedelta(days=1))
    assert (abroad.counts(), abroad.shown()[0]) == (None, "not_known")
    cells.pass_seconds(2)
    assert (abroad.counts(), abroad.asked()["up_to_date"]) == (True, True)
    then = abroad.asked(known_at=at)
    assert (then["counts"], then["known_until"]) == (True, quiet["known_until"])


def entries_in(cells: TwoCells, home: UUID) -> tuple[set[tuple[UUID, int]], set[tuple[UUID, int]]]:
    """Certificates of this home in both registers, with their newest version."""
    found = []
    for cell in cells.both:
        with cell.worker_database.cell_session() as session:
            rows = session.query(CertificateRow).filter(CertificateRow.tenant == home)
            found.append({(row.id, row.version) for row in rows})
    return found[0], found[1]


@pytest.mark.parametrize("lost", [RegisterEntry, CertificateRow])
def test_a_register_that_lost_what_it_had_heals(cells: TwoCells, abroad: Abroad, lost: type[CertificateRow]) -> None:
    abroad.revoke()
    cells.pass_seconds(1)
    with cells.two.worker_database.cell_session() as session:
        session.execute(delete(lost))
    assert abroad.counts() is not True
    cells.two.sweeping.run(forgetting=True)
    cells.calm()
    mine, theirs = entries_in(cells, abroad.home)
    assert mine == theirs
    assert (abroad.counts(), abroad.shown()[0]) == (False, "revoked")


def test_a_home_with_another_past_than_it_told_is_read_anew(cells: TwoCells, abroad: Abroad) -> None:
    with cells.two.worker_database.cell_session() as session:
        row = session.get_one(KnownHome, abroad.home)
        position, row.position, row.chain = row.position, row.position + 7, "another"
    cells.pass_seconds(1)
    with cells.two.worker_database.cell_session() as session:
        row = session.get_one(KnownHome, abroad.home)
        assert (row.position, row.behind) == (0, True)
    cells.calm()
    with cells.two.worker_database.cell_session() as session:
        assert session.get_one(KnownHome, abroad.home).position == position
    assert abroad.counts() is True
