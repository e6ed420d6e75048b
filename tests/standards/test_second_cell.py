"""What a second cell says of certificates when broadcasts do not reach it: never more than it knows."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from events.text import FreeText
from services.standards.commands.certificates import revoke_certificate
from services.standards.models import certificate_id
from shared.settings import Settings
from tests.builders.two_cells import TwoCells, lost_on_the_way_to, two_cells
from tests.standards.given import given_body, given_certificate, given_recognition, given_standard


@pytest.fixture(scope="module")
def cells(settings: Settings) -> Iterator[TwoCells]:
    with two_cells(settings) as made:
        yield made


class Abroad:
    """A certificate of Sichuan, in the first cell, that Chongqing recognises, in the second."""

    def __init__(self, cells: TwoCells) -> None:
        self.cells = cells
        self.home, self.party = cells.tenant("sichuan"), cells.tenant("chongqing", there=True)
        self.standard = given_standard(cells.one, self.home)
        self.body = given_body(cells.one, self.home, self.standard)
        self.number = given_certificate(cells.one, self.home, self.body, standard=self.standard)
        given_recognition(cells.two, self.party, self.home, standard=self.standard)

    @property
    def key(self) -> UUID:
        return certificate_id(self.home, self.number)

    def counts(self) -> bool | None:
        answer = self.cells.two.client(self.party).get(
            "/v1/recognitions/check", query_string={"certificate": self.number}
        )
        assert answer.status_code == 200, answer.json
        return answer.json["counts"]  # type: ignore[no-any-return]

    def revoke(self) -> None:
        with self.cells.one.session(self.home) as session:
            revoke_certificate(session, self.key, reason=FreeText("造假"), since=None)


@pytest.fixture
def abroad(cells: TwoCells) -> Abroad:
    return Abroad(cells)


def test_lost(cells: TwoCells, abroad: Abroad) -> None:
    assert abroad.counts() is True
    cells.pass_seconds(3)
    abroad.revoke()
    cells.one.carry(lost_on_the_way_to(cells.two))
    assert abroad.counts() is True
    for _n in range(6):
        cells.pass_seconds(1)
        print(abroad.counts())
    assert abroad.counts() is False
