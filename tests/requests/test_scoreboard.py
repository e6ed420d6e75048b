"""The scoreboard: lights by exact shares, and the same numbers from the tables as from the journal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from services.requests.commands.cases import file_case
from services.requests.domain.scores import light, share
from services.requests.models import Case, Tally
from shared.journal.entries import JournalRow
from tests.builders.cell import Cell
from tests.builders.sizes import size, soak
from tests.requests.given import REASON, done, drafted, filed, opened


@pytest.mark.parametrize(
    ("kept", "of", "shown", "expected"),
    [
        (0, 0, None, "none"), (9, 9, "100.0", "too_few"), (10, 10, "100.0", "green"), (75, 100, "75.0", "yellow"),
        (751, 1000, "75.1", "green"), (55, 100, "55.0", "yellow"), (5499, 10000, "55.0", "red"),
    ],
)  # fmt: skip
def test_lights_go_by_the_exact_share(kept: int, of: int, shown: str | None, expected: str) -> None:
    assert (light(kept, of=of), share(kept, of=of)) == (
        expected,
        None if shown is None else Decimal(shown),
    )


def from_journal(cell: Cell, tenant: UUID, item: str) -> dict[str, int]:
    """Counted from the last entry of each case that this tenant's journal has."""
    with cell.session(tenant) as session:
        rows = session.scalars(select(JournalRow).where(JournalRow.kind == Case.kind).order_by(JournalRow.version))
        last: dict[Any, Any] = {row.aggregate_id: row.state for row in rows if row.state["item_id"] == item}
    states = [state for state in last.values() if state["filed_at"] is not None]
    return {
        "cases": len(states),
        "accepted": sum(state["accepted_in_term"] is not None for state in states),
        "decided": sum(state["answered_in_term"] is not None for state in states),
        "refused": sum((state["decision"] or {}).get("outcome") == "refused" for state in states),
        "overdue": sum(state["is_overdue"] for state in states),
    }


def test_what_is_counted_from_the_tables_is_what_the_journal_says_on_both_sides(cell: Cell, sichuan: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    item = opened(cell, guizhou)
    first, second, _third = (filed(cell, sichuan, item) for _each in range(3))
    for url, outcome in ((first, "approved"), (second, "refused")):
        done(cell, guizhou, url, "accept")
        done(cell, guizhou, url, "decide", outcome=outcome, ground="依据", remedy="复议", **REASON)
    cell.clock.advance(timedelta(days=60))
    cell.run_timers()
    cell.carry()
    days = {"since": "2020-01-01", "until": "2100-01-01"}
    for tenant, role in ((sichuan, "home"), (guizhou, "handler")):
        rows = cell.client(tenant).get("/v1/requests/scoreboard", query_string={**days, "role": role}).json["rows"]
        (row,) = [one for one in rows if one["item"] == item]
        counted = from_journal(cell, tenant, item)
        assert {name: row[name] for name in counted} == counted
        assert (row["cases"], row["decided"], row["refused"], row["light"]) == (3, 2, 1, "too_few")
        # The third was accepted by silence, which is not in its term.
        assert (row["accepted_share"], row["decided_share"]) == ("66.7", "100")


@soak
def test_cases_that_change_at_once_lose_no_count(cell: Cell, sichuan: UUID) -> None:
    item = opened(cell, cell.tenant("guizhou"))
    keys = [UUID(drafted(cell.client(sichuan), item).rpartition("/")[2]) for _each in range(size(24, 400))]

    def change(key: UUID, number: int) -> None:
        with cell.session(sichuan) as session:
            file_case(session, key)
        with suppress(ZeroDivisionError), cell.session(sichuan) as session:
            changed = update(Case).where(Case.id == key).values(is_overdue=number % 2 == 0, own_days=number)
            session.execute(changed)
            if number % 3 == 0:
                raise ZeroDivisionError

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, keys, range(len(keys))))
    kept = [number for number in range(len(keys)) if number % 3]
    with cell.session(sichuan) as session:
        counted = session.execute(
            select(func.sum(Tally.cases), func.sum(Tally.overdue), func.sum(Tally.own_days), func.sum(Tally.timed))
            .where(Tally.item_id == UUID(item))
        ).one()  # fmt: skip
    assert counted == (len(keys), sum(number % 2 == 0 for number in kept), sum(kept), len(kept))


def test_days_that_end_before_they_begin_are_refused(cell: Cell, sichuan: UUID) -> None:
    days = {"since": "2026-12-31", "until": "2026-01-01"}
    refused = cell.client(sichuan).get("/v1/requests/scoreboard", query_string=days)
    assert (refused.status_code, refused.json["code"]) == (422, "period_reversed")


def test_an_organisations_people_change_tallies_and_see_none(cell: Cell, sichuan: UUID) -> None:
    own, item = UUID(int=7), opened(cell, cell.tenant("guizhou"))
    key = UUID(drafted(cell.client(sichuan), item, organisation=str(own)).rpartition("/")[2])
    with cell.session(sichuan, organisation_id=own, scope="organisation") as session:
        file_case(session, key)
        assert session.scalars(select(Tally)).all() == []
    with cell.session(sichuan) as session:
        assert [one.cases for one in session.scalars(select(Tally).where(Tally.item_id == UUID(item)))] == [1]
