"""The same refusal again and again: each third one is told, once, however many decide at the same moment."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from events.text import FreeText
from services.requests.commands.cases import file_case
from services.requests.commands.handling import accept_case, decide_case
from services.requests.domain.refusals import is_counted, is_told, same_ground
from services.requests.models import Refusal
from shared.journal.entries import JournalRow
from tests.builders.cell import Cell
from tests.builders.sizes import size, soak
from tests.requests.given import REASON, done, drafted, filed, opened

GROUND, REMEDY = "行政许可法第三十八条", "行政复议"
TOLD = "requests.refusal.repeated.v1"


def test_the_same_ground_is_the_same_however_it_is_punctuated_and_each_third_one_is_told() -> None:
    same = ("《行政许可法》第三十八条", " 行政许可法 第三十八条。", GROUND)
    assert {same_ground(one) for one in same} == {GROUND}
    assert same_ground("Art. 38") == same_ground("\uff21RT 38") != same_ground("Art. 39")
    assert [number for number in range(1, 10) if is_told(number)] == [3, 6, 9]
    counted = [("decided", GROUND), ("decided", "。"), ("forwarded", "level"), ("forwarded", "other")]
    assert [is_counted(*one) for one in counted] == [True, False, True, False]


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


def told(cell: Cell, tenant: UUID) -> list[dict[str, Any]]:
    """What this tenant's journal says of refusals that came again, by their numbers."""
    with cell.session(tenant) as session:
        rows = session.scalars(select(JournalRow).where(JournalRow.type == TOLD)).all()
        return sorted((json.loads(row.entry)["change"] for row in rows), key=lambda one: int(one["times"]))


@soak
def test_of_many_that_are_refused_at_once_each_third_is_told_once(cell: Cell, sichuan: UUID, guizhou: UUID) -> None:
    item, many = opened(cell, guizhou), size(12, 300)
    keys = [UUID(drafted(cell.client(sichuan), item).rpartition("/")[2]) for _each in range(many + 1)]
    for key in keys:
        with cell.session(sichuan) as session:
            file_case(session, key)
        with cell.session(sichuan, acting_id=guizhou) as session:
            accept_case(session, key)

    def refuse(key: UUID) -> None:
        with cell.session(sichuan, acting_id=guizhou) as session:
            law = {"ground": GROUND, "remedy": REMEDY}
            decide_case(session, key, outcome="refused", reason=FreeText("试"), **law)

    def fail(key: UUID) -> None:
        with pytest.raises(ZeroDivisionError), cell.session(sichuan, acting_id=guizhou) as session:
            decide_case(session, key, outcome="refused", reason=FreeText("试"), ground=GROUND, remedy=REMEDY)
            raise ZeroDivisionError

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(refuse, keys[: many // 2]))
        fail(keys[-1])
        list(pool.map(refuse, keys[many // 2 : many]))
    assert [one["times"] for one in told(cell, sichuan)] == list(range(3, many + 1, 3))
    with cell.session(sichuan) as session:
        assert [one.times for one in session.scalars(select(Refusal))] == [many]


def test_refusals_of_competence_of_one_kind_are_told_to_both_sides(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID
) -> None:
    item = opened(cell, guizhou)
    for kind in ("level", "territory", "level", "level"):
        url = filed(cell, sichuan, item)
        assert told(cell, guizhou) == []
        answer = cell.client(guizhou).post(f"{url}/forward", {"to": str(chongqing), "kind": kind, **REASON})
        assert answer.status_code == 202
        cell.carry()
    expected = {"handler": str(guizhou), "item": item, "kind": "forwarded", "ground": "level", "times": 3}
    assert told(cell, sichuan) == told(cell, guizhou) == [expected]
    # It is between those two: whoever has the case now has nothing to do with it.
    assert told(cell, chongqing) == []
    shown = done(cell, chongqing, url, "accept")
    assert (shown["state"], shown["forwards"][0]["kind"]) == ("accepted", "level")
