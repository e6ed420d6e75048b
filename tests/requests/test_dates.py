"""The date for the answer that both sides agree on, beside the legal term, and how it is counted."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.requests.domain import dates
from services.requests.domain.dates import check_agreed, check_dating, check_proposed
from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.builders.working import actions
from tests.requests.given import REASON, code, done, filed, opened, refused

HOME, HANDLER = (UUID(int=number) for number in range(1, 3))


@pytest.mark.parametrize(
    ("proposer", "action", "by", "expected"),
    [
        (None, "propose_date", HOME, None), (None, "agree_date", HANDLER, "no_proposal"),
        ("applicant", "agree_date", HANDLER, None), ("applicant", "agree_date", HOME, "own_proposal"),
        ("handler", "agree_date", HOME, None), ("handler", "propose_date", HANDLER, None),
        ("handler", "agree_date", uuid4(), "not_a_side"),
    ],
)  # fmt: skip
def test_each_side_proposes_and_agrees_to_what_the_other_proposed(
    proposer: str | None, action: str, by: UUID, expected: str | None
) -> None:
    proposal = proposer and {"by": proposer, "on": "2026-07-20"}
    case = {"home_id": HOME, "handler": HANDLER, "proposal": proposal, "proposals": 1}
    assert code(check_dating, case, action=action, by=by) == expected
    full = {**case, "proposals": dates.MOST_PROPOSALS}
    assert code(check_dating, full, action="propose_date", by=HOME) == "proposals_many"


def test_one_agrees_to_the_very_date_that_stands_there_and_proposes_one_within_a_year() -> None:
    proposal, on, today = {"by": "handler", "on": "2026-07-20"}, date(2026, 7, 20), date(2026, 7, 1)
    assert code(check_agreed, proposal, on=on, side="applicant") is None
    assert code(check_agreed, proposal, on=on + timedelta(days=1), side="applicant") == "proposal_changed"
    assert code(check_agreed, proposal, on=on, side="handler") == "own_proposal"
    days = {today: None, date(2027, 7, 1): None, date(2026, 6, 30): "date_far", date(2027, 7, 2): "date_far"}
    for day, expected in days.items():
        assert code(check_proposed, day, today=today) == expected
    assert [dates.kept(agreed, decided_on=on) for agreed in (None, on, today)] == [None, True, False]


def test_a_date_is_countered_agreed_and_counted_and_the_legal_term_never_moves(cell: Cell, sichuan: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    item = opened(cell, guizhou)
    url, late = filed(cell, sichuan, item), filed(cell, sichuan, item)
    first, second = (str(day_of(cell.clock.now()) + timedelta(days=days)) for days in (3, 30))
    due = done(cell, guizhou, url, "accept")["due_on"]
    done(cell, sichuan, url, "propose_date", on=first, **REASON)
    assert (url, "agree_date") in actions(cell.client(guizhou))
    assert refused(cell, sichuan, url, "agree_date", on=first) == "own_proposal"
    countered = done(cell, guizhou, url, "propose_date", on=second, **REASON)
    assert (countered["proposal"]["by"], countered["proposal"]["reason"]) == ("handler", "试")
    agreed = done(cell, sichuan, url, "agree_date", on=second)
    assert (agreed["agreed_on"], agreed["proposal"], agreed["due_on"]) == (second, None, due)
    assert cell.client(guizhou).get(url).json["agreed_on"] == second
    done(cell, guizhou, late, "accept")
    done(cell, guizhou, late, "propose_date", on=first, **REASON)
    done(cell, sichuan, late, "agree_date", on=first)
    cell.clock.advance(timedelta(days=5))
    for each in (url, late):
        done(cell, guizhou, each, "decide", outcome="approved", **REASON)
    days = {"since": "2020-01-01", "until": "2100-01-01"}
    for tenant, role in ((sichuan, "home"), (guizhou, "handler")):
        assert [cell.client(tenant).get(each).json["agreed_kept"] for each in (url, late)] == [True, False]
        rows = cell.client(tenant).get("/v1/requests/scoreboard", query_string={**days, "role": role}).json["rows"]
        (row,) = [one for one in rows if one["item"] == item]
        assert (row["dated"], row["dated_share"], row["decided_share"]) == (2, "50", "100")
