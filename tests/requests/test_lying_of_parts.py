"""A home that says of a part what the tenant that has it did not say is not believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from events import requests as events
from events.catalog import Change
from events.entry import Actor
from events.text import FreeText
from services.requests.commands.parts import finish_part
from services.requests.domain.parts import changed
from services.requests.models import Case
from shared.commands.registry import COMMANDS
from tests.builders.cell import Cell
from tests.requests.given import done, filed, opened, uploaded

WHY = FreeText("试")
AT = "2026-01-01T00:00:00.000000Z"
DONE = {"state": "done", "result_digest": WHY.digest, "done_at": AT}
FINISHED = events.CasePartFinished(part=1, result=WHY)


@dataclass
class Split:
    """Sichuan, home of a case, and Chongqing and Yunnan, which have parts of it; Guizhou leads."""

    cell: Cell
    home: UUID
    handler: UUID
    one: UUID
    other: UUID
    url: str

    def say(self, change: Change, *, by: UUID | None = None, **fields: Any) -> None:
        """A version that the home signs whatever stands in it."""
        with self.cell.session(self.home) as session:
            row = session.locked(Case, UUID(self.url.rpartition("/")[2]))
            for name, value in fields.items():
                setattr(row, name, value(row))
            session.publish(row, change, by=None if by is None else Actor(by, "official-1"))
        self.cell.carry()

    def there(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cell.client(self.one).get(self.url).json
        return found


@pytest.fixture
def case(cell: Cell, sichuan: UUID, chongqing: UUID) -> Split:
    guizhou, yunnan = cell.tenant("guizhou"), cell.tenant("yunnan")
    url = filed(cell, sichuan, opened(cell, guizhou))
    done(cell, guizhou, url, "accept")
    done(cell, guizhou, url, "split", parts=[{"to": str(one), "task": "试"} for one in (chongqing, yunnan)])
    return Split(cell, sichuan, guizhou, chongqing, yunnan, url)


def with_part(part: int, **values: Any) -> Callable[[Case], Any]:
    return lambda row: changed(row.parts, part, **values)


def whole(row: Case) -> Any:
    return [{**one, **DONE} for one in row.parts]


MERGED = events.CaseMerged(part=1, result=WHY)
LIES: Mapping[str, Callable[[Split], None]] = {
    "does the part itself": lambda case: case.say(FINISHED, parts=with_part(1, **DONE)),
    "does it in the name of who has it": lambda case: case.say(FINISHED, by=case.one, parts=with_part(1, **DONE)),
    "says that it is whole": lambda case: case.say(MERGED, by=case.one, parts=whole),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_of_its_home_about_parts_reaches_whoever_has_one(case: Split, lie: str) -> None:
    before = case.there()
    LIES[lie](case)
    assert case.there()["version"] == before["version"]


def test_whoever_has_a_part_is_told_nothing_else_than_it_said(case: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that all is well, with a file; its home has it say something else, with none."""

    def otherwise(session: Any, key: UUID, **_asked: Any) -> Case:
        return finish_part(session, key, part=1, result=FreeText("不合格"), attachments=[])

    before, told = case.there(), COMMANDS["requests.case.finish_part"]
    monkeypatch.setitem(COMMANDS, told.name, replace(told, run=otherwise))
    body = {"part": 1, "result": "合格", "attachments": [uploaded(case.cell.client(case.one))]}
    assert case.cell.client(case.one).post(f"{case.url}/finish-part", body).status_code == 202
    case.cell.carry()
    with case.cell.session(case.home) as session:
        assert session.one(Case, UUID(case.url.rpartition("/")[2])).version > before["version"]
    assert case.there()["version"] == before["version"]
