"""Totals: exact as far as people count, beyond that what the planner thinks, under the same row-level security."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, insert, literal, select

from shared.database.counting import MOST, Total
from shared.journal.work import WorkRow
from tests.builders.cell import Cell

MANY = 30_000


def many_wait(cell: Cell, tenant: UUID, number: int) -> None:
    """So many things of this tenant wait for it, half of them until today."""
    now, series = cell.clock.now(), func.generate_series(1, number).table_valued("number").render_derived()
    values: dict[str, Any] = {
        "tenant_id": literal(tenant), "aggregate_id": func.gen_random_uuid(), "action": literal("sign"),
        "kind": literal("parks.agreement"), "name_zh": literal("园区"), "url": literal("/v1/parks"),
        "scope": literal("parks:sign"), "parties": literal([tenant], WorkRow.parties.type), "mine": literal(True),
        "others": literal(False), "by_organisation": literal(False), "since": literal(now),
        "due": func.to_timestamp(func.extract("epoch", now) + (series.c.number % 2) * 1000 - 500),
        "updated_at": literal(now),
    }  # fmt: skip
    with cell.session(tenant) as session:
        session.execute(insert(WorkRow).from_select(list(values), select(*values.values()).select_from(series)))


@pytest.fixture(scope="module")
def crowded(the_cell: Cell) -> UUID:
    tenant = the_cell.tenant("sichuan")
    many_wait(the_cell, tenant, MANY)
    with psycopg.connect(the_cell.settings.url("owner").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ANALYZE shared.work")
    return tenant


def counted(cell: Cell, tenant: UUID, query: str = "") -> Total:
    answer = cell.client(tenant).get(f"/v1/work?for=tenant&limit=1&count=true{query}")
    assert answer.status_code == 200, answer.json
    return Total(answer.json["total"], answer.json["total_is"])


def test_beyond_ten_thousand_the_planner_says_about_how_many_in_two_digits(cell: Cell, crowded: UUID) -> None:
    number, is_ = counted(cell, crowded)
    assert (is_, number % 1000) == ("about", 0)
    assert MANY * 0.9 < number < MANY * 1.1
    halved, is_ = counted(cell, crowded, "&overdue=true")
    assert (is_, number * 0.4 < halved < number * 0.6) == ("about", True)
    assert counted(cell, crowded, "&kind=parks.park") == (0, "exact")


def test_what_is_more_than_ten_thousand_is_never_said_to_be_less(cell: Cell, crowded: UUID, sichuan: UUID) -> None:
    many_wait(cell, sichuan, MOST)
    assert counted(cell, sichuan) == (MOST, "exact")
    many_wait(cell, sichuan, 1)
    number, is_ = counted(cell, sichuan)
    # The planner knows nothing of these yet.
    assert (is_, number > MOST) == ("about", True)


def test_another_tenants_rows_are_not_counted(cell: Cell, crowded: UUID, chongqing: UUID) -> None:
    many_wait(cell, chongqing, 3)
    assert counted(cell, chongqing) == (3, "exact")
