"""Who left a case and comes back follows it again; nobody becomes a party of one by a lie of its home."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from events import requests as events
from services.requests.models import Case
from tests.builders.cell import Cell
from tests.requests.given import ANSWERS, REASON, done, filed, opened
from tests.requests.test_lying import DECISION


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


@pytest.fixture
def url(cell: Cell, sichuan: UUID, guizhou: UUID) -> str:
    return filed(cell, sichuan, opened(cell, guizhou))


def asks(cell: Cell, tenant: UUID, url: str, action: str, **body: Any) -> None:
    """What takes whoever asks for it out of the case, so that there is no later version to look at."""
    answer = cell.client(tenant).post(f"{url}/{action}", {**body, **REASON})
    assert answer.status_code == 202, answer.json
    cell.carry()


def version(cell: Cell, tenant: UUID, url: str) -> int:
    return int(cell.client(tenant).get(url).json["version"])


def test_who_passed_a_case_on_decides_it_when_it_comes_back_by_a_third(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    yunnan = cell.tenant("yunnan")
    for by, to in ((guizhou, chongqing), (chongqing, yunnan), (yunnan, guizhou)):
        asks(cell, by, url, "forward", to=str(to))
        assert cell.client(to).get(url).json["handler"] == str(to)
    assert done(cell, guizhou, url, "accept")["state"] == "accepted"
    assert done(cell, guizhou, url, "decide", outcome="approved", **REASON)["state"] == "decided"
    assert version(cell, guizhou, url) == version(cell, sichuan, url)


def test_who_passed_a_case_on_has_it_back_with_the_papers_that_were_asked_for_since(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    asks(cell, guizhou, url, "forward", to=str(chongqing))
    done(cell, chongqing, url, "return", missing=["scope"], **REASON)
    done(cell, sichuan, url, "supplement", answers=[{**ANSWERS[0], "value": "农产品"}])
    asks(cell, chongqing, url, "forward", to=str(guizhou))
    there = cell.client(guizhou).get(url).json
    assert (there["handler"], there["answers"][0]["value"]) == (str(guizhou), "农产品")
    assert there["version"] == version(cell, sichuan, url)
    assert done(cell, guizhou, url, "accept")["state"] == "accepted"


def test_who_handed_a_part_back_does_it_when_it_is_given_to_it_again(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    yunnan, region = cell.tenant("yunnan"), cell.tenant("region")
    done(cell, guizhou, url, "accept")
    done(cell, guizhou, url, "split", parts=[{"to": str(one), "task": "试"} for one in (chongqing, yunnan)])
    asks(cell, chongqing, url, "hand-back-part", part=1)
    done(cell, guizhou, url, "readdress_part", part=1, to=str(region), **REASON)
    done(cell, yunnan, url, "finish_part", part=2, result="合格", attachments=[])
    done(cell, guizhou, url, "readdress_part", part=1, to=str(chongqing), **REASON)
    assert [one["state"] for one in cell.client(chongqing).get(url).json["parts"]] == ["open", "done"]
    done(cell, chongqing, url, "finish_part", part=1, result="合格", attachments=[])
    assert version(cell, chongqing, url) == version(cell, sichuan, url)


def say(cell: Cell, home: UUID, url: str, change: Any, **fields: Any) -> None:
    """A version that the home signs whatever stands in it."""
    with cell.session(home) as session:
        row = session.locked(Case, UUID(url.rpartition("/")[2]))
        for name, value in fields.items():
            setattr(row, name, value)
        session.publish(row, change)
    cell.carry()


NEWER = events.CaseDueChanged(due_on=None, was_due_on=None)


def test_nobody_is_made_a_party_of_what_was_decided_in_its_name(
    cell: Cell, sichuan: UUID, guizhou: UUID, url: str
) -> None:
    yunnan = cell.tenant("yunnan")
    taken = {"state": "decided", "decision": DECISION, "handler": yunnan}
    say(cell, sichuan, url, NEWER, party_ids=sorted((sichuan, guizhou, yunnan)), **taken)
    assert cell.client(yunnan).get(url).status_code == 404
    assert cell.client(guizhou).get(url).json["state"] == "filed"


def test_nothing_changes_for_who_is_taken_out_of_a_case_and_let_in_again(
    cell: Cell, sichuan: UUID, guizhou: UUID, url: str
) -> None:
    say(cell, sichuan, url, NEWER, party_ids=[sichuan])
    before = cell.client(guizhou).get(url).json
    filed_again = events.CaseFiled(number="N", handler=guizhou, applicant=None, answers=None)
    say(cell, sichuan, url, filed_again, party_ids=sorted((sichuan, guizhou)), number="SICHUAN-2026-9999999-X")
    after = cell.client(guizhou).get(url).json
    assert (after["version"], after["number"]) == (before["version"], before["number"])
