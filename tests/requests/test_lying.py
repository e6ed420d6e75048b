"""A home that says of others what they did not do is not believed, whatever it signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from events import requests as events
from events.catalog import Change
from events.entry import Actor
from events.text import FreeText
from services.requests.commands.handling import decide_case
from services.requests.models import Case
from shared.commands.registry import COMMANDS
from tests.builders.cell import Cell
from tests.requests.given import REASON, done, filed, opened

WHY = FreeText("试")
DECISION = {
    "outcome": "approved", "ground": None, "remedy": None, "decided_at": "2026-01-01T00:00:00Z", "by_silence": False,
    "reason_digest": WHY.digest,
}  # fmt: skip


@dataclass
class Pair:
    """Sichuan, home of a case, and Guizhou, which has accepted it."""

    cell: Cell
    home: UUID
    handler: UUID
    url: str

    def say(self, change: Change, *, by: UUID | None = None, **fields: Any) -> None:
        """A version that the home signs whatever stands in it."""
        with self.cell.session(self.home) as session:
            row = session.locked(Case, UUID(self.url.rpartition("/")[2]))
            for name, value in fields.items():
                setattr(row, name, value(row) if callable(value) else value)
            session.publish(row, change, by=None if by is None else Actor(by, "official-1"))
        self.cell.carry()

    def there(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cell.client(self.handler).get(self.url).json
        return found


@pytest.fixture
def pair(cell: Cell, sichuan: UUID) -> Pair:
    guizhou = cell.tenant("guizhou")
    url = filed(cell, sichuan, opened(cell, guizhou))
    done(cell, guizhou, url, "accept")
    return Pair(cell, sichuan, guizhou, url)


def earlier(row: Case) -> list[dict[str, Any]]:
    first, *others = row.clocks
    turns = [{**first["turns"][0], "since": "2026-01-01T00:00:00Z"}, *first["turns"][1:]]
    return [{**first, "turns": turns}, *others]


def longer(row: Case) -> list[dict[str, Any]]:
    *others, last = row.clocks
    return [*others, {**last, "extra": 5}]


def silent(row: Case) -> dict[str, Any]:
    return {**row.sheet, "answer": {**row.sheet["answer"], "silence": "approved"}}


def late(pair: Pair) -> Pair:
    """Long after the last day of the term, of which no timer has told."""
    pair.cell.clock.advance(timedelta(days=200))
    return pair


DECIDED = events.CaseDecided(outcome="approved", reason=WHY, by_silence=False)
SILENTLY = events.CaseDecided(outcome="approved", reason=WHY, by_silence=True)
NEWER = events.CaseDueChanged(due_on=None, was_due_on=None)
TAKEN: Mapping[str, Any] = {"state": "decided", "decision": DECISION}
PAPER = {"material": "licence", "sha256": "0" * 64, "size": 1, "name": "x.csv", "media_type": "text/csv"}
LATE = events.CaseOverdue(clock="answer", due_on=date(2026, 1, 1), owner="x")
LIES: Mapping[str, Callable[[Pair], None]] = {
    "decides itself": lambda pair: pair.say(DECIDED, **TAKEN),
    "decides in the handler's name": lambda pair: pair.say(DECIDED, by=pair.handler, **TAKEN),
    "decides by silence before the term is over": lambda pair: pair.say(SILENTLY, **TAKEN),
    "decides by an event of another name": lambda pair: pair.say(NEWER, **TAKEN),
    "ends it beside": lambda pair: pair.say(NEWER, state="closed"),
    "writes a decision beside": lambda pair: pair.say(NEWER, decision=DECISION),
    "hands it to somebody else": lambda pair: pair.say(NEWER, handler=pair.home),
    "counts days that passed otherwise": lambda pair: pair.say(NEWER, clocks=earlier),
    "takes clocks away": lambda pair: pair.say(NEWER, clocks=[]),
    "moves the organisation elsewhere": lambda pair: pair.say(NEWER, division="110000"),
    "moves it to another park": lambda pair: pair.say(NEWER, park_id=pair.home),
    "calls its park otherwise": lambda pair: pair.say(NEWER, park={"name_zh": "别处", "name_en": None}),
    "says that a date was agreed on": lambda pair: pair.say(NEWER, agreed_on=date(2027, 1, 20)),
    "ends the term at once": lambda pair: pair.say(NEWER, due_on=lambda row: row.filed_at.date()),
    "says that it is overdue": lambda pair: pair.say(LATE, is_overdue=True),
    "says so by an event of another name": lambda pair: pair.say(NEWER, is_overdue=True),
    "approves by silence what waits for an answer": lambda pair: late(pair).say(SILENTLY, **TAKEN),
    "gives itself more days": lambda pair: pair.say(NEWER, clocks=longer),
    "begins the term anew": lambda pair: pair.say(events.CaseReopened(reason=WHY), reopened=1),
    "gives other papers": lambda pair: pair.say(NEWER, materials=[PAPER]),
    "says something else in the application": lambda pair: pair.say(NEWER, answers_digest=WHY.digest),
    "says so as if papers were asked for": lambda pair: pair.say(events.CaseSupplemented(), answers_digest=WHY.digest),
    "calls the applicant otherwise": lambda pair: pair.say(NEWER, applicant_digest=WHY.digest),
    "lets silence approve it": lambda pair: pair.say(NEWER, sheet=silent),
    "calls the item otherwise": lambda pair: pair.say(NEWER, item=lambda row: {**row.item, "name_zh": "别的"}),
    "names another coordinator": lambda pair: pair.say(NEWER, coordinator=pair.home),
    "says that it was opened again": lambda pair: pair.say(NEWER, reopened=1),
    "says that it was accepted late": lambda pair: pair.say(NEWER, accepted_in_term=False),
    "says that it was answered late": lambda pair: pair.say(NEWER, answered_in_term=False),
    "says how many days it took": lambda pair: pair.say(NEWER, own_days=99),
    "says when it was decided": lambda pair: pair.say(NEWER, decided_at=lambda row: row.filed_at),
    "says when it ended": lambda pair: pair.say(NEWER, ended_at=lambda row: row.filed_at),
    "gives a reason": lambda pair: pair.say(NEWER, reason_digest=WHY.digest),
    "changes its number": lambda pair: pair.say(NEWER, number="SICHUAN-2026-9999999-X"),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_of_its_home_reaches_the_copy_of_a_party(pair: Pair, lie: str) -> None:
    before = pair.there()
    LIES[lie](pair)
    assert (pair.there()["version"], pair.there()["state"]) == (before["version"], "accepted")


def test_a_command_is_no_proof_of_another_act(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler asks for the clock to stop, and its home says that it has decided."""

    def decided(session: Any, key: UUID, **_asked: Any) -> Case:
        return decide_case(session, key, outcome="approved", reason=WHY, ground=None, remedy=None)

    monkeypatch.setitem(COMMANDS, "requests.case.pause", replace(COMMANDS["requests.case.pause"], run=decided))
    answer = pair.cell.client(pair.handler).post(f"{pair.url}/pause", {"ground": "hearing", **REASON})
    assert answer.status_code == 202
    pair.cell.carry()
    with pair.cell.session(pair.home) as session:
        assert session.one(Case, UUID(pair.url.rpartition("/")[2])).state == "decided"
    assert pair.there()["state"] == "accepted"
