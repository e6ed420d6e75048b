"""The path of one forwarded write, function by function; `make path` writes it down for newcomers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from services.parks.models import Park
from shared.http.requests import limits, waiting
from shared.keys import directory
from tests.builders.cell import Cell
from tests.builders.path import HOME, PARTY, ROOT, Carrier, Trail, followed, written
from tests.parks.builders import Story

PAGE = ROOT / "docs" / "generated" / "path.md"
TITLE = "The path of one write: Chongqing suspends a park of Sichuan, and waits for the answer"
BEFORE = """Before this work: 331 functions in 77 files, of the machine 185 in 38; 10 transactions; the state was put
into canonical bytes 3 times at home and once at the party; home's own entry came back to it over Kafka.
Since then two dozen functions of the machine were added, which do what the ORM did in a fraction of its time."""
MOST_FUNCTIONS, MOST_TRANSACTIONS = 136, 9
"""Some two dozen of the functions do what the ORM did before, in a fraction of its time.

A park in force has a public card, which home renews and broadcasts: one more transaction at a party (decision 35).
"""


@pytest.fixture(scope="module")
def trail(the_cell: Cell) -> Iterator[Trail]:
    """The second of two such writes: the first one fills what a process keeps."""
    with pytest.MonkeyPatch.context() as patch:
        # What is looked up again every second or minute is not, so that each run is the same.
        patch.setattr(directory, "SECONDS_KEPT", 1e9)
        patch.setattr(limits, "WINDOW", 10**5)
        the_cell.clock.offset = timedelta(0)
        the_cell.carry()
        sichuan, chongqing = the_cell.tenant("sichuan"), the_cell.tenant("chongqing")
        yield [_suspend(the_cell, sichuan, chongqing, patch=patch) for _time in range(2)][1]


def _suspend(cell: Cell, sichuan: UUID, chongqing: UUID, *, patch: pytest.MonkeyPatch) -> Trail:
    url = Story(cell, sichuan, chongqing).active().url
    cell.carry()
    token, client = cell.token(chongqing), cell.client(chongqing)
    client.mint = lambda: token
    with followed(Park) as trail, patch.context() as patched:
        patched.setattr(waiting, "Event", lambda: Carrier(cell, trail, "parks"))
        answer = client.post(f"{url}/suspend", {"reason": "检查"}, headers={"Prefer": "wait=20"})
    assert (answer.status_code, answer.json["state"]) == (200, "suspended"), answer.text
    cell.carry()
    return trail


def test_the_path_of_one_write_stays_within_its_budget(trail: Trail) -> None:
    assert len(trail.of_machine) <= MOST_FUNCTIONS
    assert len(trail.transactions) <= MOST_TRANSACTIONS
    assert trail.verified.count(HOME) == 1
    assert trail.encoded == [HOME, PARTY]


def test_the_page_that_walks_the_path_is_fresh(trail: Trail) -> None:
    page = written(trail, title=TITLE, before=BEFORE)
    if os.environ.get("PATH_PAGE") == "write":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run `make path`"
