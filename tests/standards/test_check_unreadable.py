"""What documents of others may do to a check: one that cannot be read counts for nothing and harms no other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from events import standards as events
from services.standards.domain.recognition import classes_of, months_after
from services.standards.models import Certificate, Check, certificate_id
from tests.builders.cell import Cell
from tests.standards.given import given_body, given_certificate, given_recognition, given_standard, item

CENTURY = date(9999, 6, 1)


class World:
    """Two certificates of Chongqing that count in Sichuan, and a recognition with limits."""

    def __init__(self, cell: Cell, chongqing: UUID, sichuan: UUID, **limits: Any) -> None:
        self.cell, self.home, self.other = cell, chongqing, sichuan
        standard = given_standard(cell, chongqing)
        body = given_body(cell, chongqing, standard)
        held = [item(standard, cell.clock.now() - timedelta(days=1), **limits)]
        given_recognition(cell, sichuan, chongqing, standard=standard, items=held)
        self.numbers = [given_certificate(cell, chongqing, body, standard=standard) for _certificate in range(2)]

    def change(self, **changes: Any) -> None:
        """The first certificate becomes what its home says."""
        with self.cell.session(self.home) as session:
            row = session.locked(Certificate, certificate_id(self.home, self.numbers[0]))
            for name, value in changes.items():
                setattr(row, name, value)
            session.publish(row, events.CertificateReinstated())
        self.cell.carry()

    def ask(self, *numbers: str) -> list[Any]:
        items = [{"certificate": number} for number in numbers or self.numbers]
        answer = self.cell.client(self.other).post("/v1/recognitions/checks", {"items": items})
        assert answer.status_code == 200, answer.json
        return [result["code"] for result in answer.json["results"]]


def test_a_date_beyond_every_calendar_is_an_answer_and_spoils_no_other(
    cell: Cell, chongqing: UUID, sichuan: UUID
) -> None:
    world = World(cell, chongqing, sichuan, validity_cap_months=12)
    assert world.ask() == [None, None]
    world.change(valid_from=CENTURY, valid_to=CENTURY + timedelta(days=1))
    assert world.ask() == ["certificate_unreadable", None]


@pytest.mark.parametrize("cap", [10**9, 10**40])
def test_a_cap_beyond_every_number_is_an_answer(cell: Cell, chongqing: UUID, sichuan: UUID, cap: int) -> None:
    assert World(cell, chongqing, sichuan, validity_cap_months=cap).ask() == ["certificate_unreadable"] * 2


@pytest.mark.parametrize("products", [[], [{"class": "", "name": "x"}], [{"name": "x"}]])
def test_a_certificate_for_no_products_is_not_one_for_all(
    cell: Cell, chongqing: UUID, sichuan: UUID, products: list[Any]
) -> None:
    world = World(cell, chongqing, sichuan, product_classes=["C21"])
    world.change(products=products)
    assert world.ask() == ["certificate_unreadable", None]


def test_what_is_no_number_is_answered_and_not_written_down(cell: Cell, chongqing: UUID, sichuan: UUID) -> None:
    world = World(cell, chongqing, sichuan)
    assert world.ask("张三 13800000000", world.numbers[0].lower()) == ["certificate_unknown", None]
    assert cell.client(sichuan).get("/v1/recognitions/check?certificate=nobody").status_code == 200
    with cell.session(sichuan) as session:
        assert list(session.scalars(select(Check.number))) == [world.numbers[0]]


def test_months_are_counted_to_the_last_day_of_a_shorter_month() -> None:
    assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_after(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert months_after(date(9999, 6, 1), 6) == date(9999, 12, 1)
    with pytest.raises(ValueError, match="no calendar"):
        months_after(date(9999, 6, 1), 7)


def test_the_classes_of_a_certificate_are_classes() -> None:
    assert classes_of({"products": [{"class": "C2110"}, {"class": "C"}]}) == ["C2110", "C"]
