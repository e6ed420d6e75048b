"""The judge of the matrix sees what it is there for: what is lost, doubled, reordered or unequal."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.faults.checking import Verdict, _judge_one
from tests.faults.writing import Acknowledged

PARK = uuid4()
HOME, PARTY = uuid4(), uuid4()


def journal(*markers: str) -> list[tuple[object, ...]]:
    return [(version, marker, f"entry {version}", "signature") for version, marker in enumerate(markers, 1)]


def told(marker: str, version: int, *, exact: bool = True) -> Acknowledged:
    return Acknowledged(PARK, marker, version, exact=exact, writer="a writer")


@pytest.mark.parametrize(
    ("home", "party", "acknowledged", "wrong"),
    [
        (journal("a", "b", "c"), journal("a", "b", "c"), [told("a", 1), told("c", 3)], {}),
        (journal("a", "b", "c"), journal("a", "b", "c"), [told("a", 2, exact=False)], {}),
        (journal("a", "b"), journal("a", "b"), [told("c", 3)], {"lost": 1}),
        (journal("a", "b", "b"), journal("a", "b", "b"), [told("b", 2)], {"doubled": 1}),
        (journal("a", "b"), journal("a", "b"), [told("b", 2), told("a", 1)], {"reordered": 1}),
        (journal("a", "b"), journal("a", "b"), [told("a", 2)], {"reordered": 1}),
        (journal("a", "b")[1:], journal("a", "b")[1:], [], {"reordered": 1}),
        (journal("a", "b"), journal("a"), [], {"unequal": 1}),
        (journal("a", "b"), journal("a", "x"), [], {"unequal": 1}),
    ],
)
def test_each_fault_is_counted(
    home: list[tuple[object, ...]], party: list[tuple[object, ...]], acknowledged: list[Acknowledged],
    wrong: dict[str, int],
) -> None:  # fmt: skip
    verdict, copies = Verdict(), dict[UUID, list[tuple[object, ...]]]({HOME: home, PARTY: party})
    _judge_one(verdict, copies, mine=acknowledged)
    counted = {name: getattr(verdict, name) for name in ("lost", "doubled", "reordered", "unequal")}
    assert counted == {**dict.fromkeys(counted, 0), **wrong}
    assert verdict.clean is (not wrong)
