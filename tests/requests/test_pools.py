"""Pools of a jurisdiction: what lies there, who takes it out and puts it back, and who has it the second time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from services.requests.commands.pools import claim_case, put_back_case, release_case
from services.requests.models import Case
from services.requests.queries.cases import present_cases
from tests.builders.cell import Cell
from tests.requests.given import REASON, done, filed, opened


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


@pytest.fixture
def url(cell: Cell, sichuan: UUID, guizhou: UUID) -> str:
    return filed(cell, sichuan, opened(cell, guizhou))


def listed(cell: Cell, tenant: UUID, url: str, *asked: str) -> list[bool]:
    """Whether the case is in each of these lists."""
    found = (cell.client(tenant).get(f"/v1/requests?limit=100&{one}").json["items"] for one in asked)
    return [url.rpartition("/")[2] in [row["id"] for row in rows] for rows in found]


def delivered(cell: Cell, tenant: UUID, url: str) -> None:
    done(cell, tenant, url, "accept")
    done(cell, tenant, url, "decide", outcome="approved", **REASON)
    done(cell, tenant, url, "deliver")


def test_what_was_passed_on_lies_in_no_pool_and_nobody_claims_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    pools = "unclaimed=true", "open=true", "works=true&open=true", "open=false"
    assert listed(cell, guizhou, url, *pools) == [True, True, True, False]
    done(cell, guizhou, url, "forward", to=str(chongqing), **REASON)
    assert listed(cell, guizhou, url, *pools) == [False, False, False, True]
    assert listed(cell, chongqing, url, *pools) == [True, True, True, False]
    refused = cell.client(guizhou).post(f"{url}/claim", {})
    assert (refused.status_code, refused.json["code"]) == (409, "not_open_here")
    assert cell.client(chongqing).post(f"{url}/claim", {}).status_code == 200
    # Late as it was when it went: whoever has it now is late, and nobody else.
    with cell.worker_database.session(cell.context(guizhou)) as session:
        session.execute(text("UPDATE requests.cases SET is_overdue = true WHERE id = :id"), {"id": url[-36:]})
    assert listed(cell, guizhou, url, "overdue=true", "overdue=false") == [False, True]


def test_what_is_over_is_claimed_by_nobody(cell: Cell, sichuan: UUID, guizhou: UUID, url: str) -> None:
    delivered(cell, guizhou, url)
    done(cell, sichuan, url, "close")
    assert cell.client(guizhou).post(f"{url}/claim", {}).json["code"] == "not_open_here"


def test_a_part_lies_in_the_pool_of_whoever_has_to_do_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    done(cell, guizhou, url, "accept")
    parts = [{"to": str(one), "task": "试"} for one in (chongqing, guizhou)]
    done(cell, guizhou, url, "split", parts=parts)
    pool = "works=true&open=true&unclaimed=true"
    assert [listed(cell, one, url, pool) for one in (sichuan, chongqing, guizhou)] == [[False], [True], [True]]
    done(cell, chongqing, url, "finish_part", part=1, result="试")
    assert listed(cell, chongqing, url, pool, "works=false") == [False, True]


def test_whoever_decides_puts_back_the_case_of_a_colleague_who_has_left(cell: Cell, guizhou: UUID, url: str) -> None:
    gone, clerk = (cell.client(guizhou, "clerk", name) for name in ("gone", "clerk-2"))
    assert gone.post(f"{url}/claim", {}).status_code == 200
    assert clerk.get(url).json["allowed_actions"].count("put_back") == 0
    assert clerk.post(f"{url}/put-back", {}).json["code"] == "not_your_case"
    head = cell.client(guizhou, "official", "head")
    assert "put_back" in head.get(url).json["allowed_actions"]
    assert "hand_over" not in head.get(url).json["allowed_actions"]
    assert head.post(f"{url}/hand-over", {"to": str(UUID(int=5))}).json["code"] == "not_your_case"
    assert head.post(f"{url}/put-back", {}).json["person"] is None
    assert clerk.post(f"{url}/claim", {}).json["person"] == "clerk-2"


@pytest.mark.parametrize("leaves", ["put_back", "hand_over"])
def test_who_lost_a_case_before_it_was_reopened_does_not_have_it_again(
    cell: Cell, sichuan: UUID, guizhou: UUID, url: str, leaves: str
) -> None:
    other = str(UUID(int=8))
    first, second, third = (cell.client(guizhou, subject=name) for name in ("first", other, "third"))
    assert first.post(f"{url}/claim", {}).status_code == 200
    if leaves == "put_back":
        first.post(f"{url}/put-back", {})
        assert first.post(f"{url}/claim", {}).status_code == 200, "while nobody is discontent"
        first.post(f"{url}/put-back", {})
    else:
        assert first.post(f"{url}/hand-over", {"to": other}).status_code == 200
    delivered(cell, guizhou, url)
    done(cell, sichuan, url, "reopen", **REASON)
    assert "claim" not in first.get(url).json["allowed_actions"]
    assert first.post(f"{url}/claim", {}).json["code"] == "handled_before"
    assert (second.post(f"{url}/claim", {}).status_code == 200) is (leaves == "put_back")
    if leaves == "hand_over":
        assert third.post(f"{url}/claim", {}).status_code == 200
        # Who has it for the second time may put it back and take it again.
        assert third.post(f"{url}/put-back", {}).status_code == 200
        assert third.post(f"{url}/claim", {}).status_code == 200


def test_who_puts_a_reopened_case_back_before_it_is_taken_from_them_does_not_have_it_again(
    cell: Cell, sichuan: UUID, guizhou: UUID, url: str
) -> None:
    """It has arrived, and what follows from that has not happened yet."""
    key, first = UUID(url[-36:]), replace(cell.context(guizhou), actor_id="first")
    assert cell.client(guizhou, subject="first").post(f"{url}/claim", {}).status_code == 200
    delivered(cell, guizhou, url)
    with cell.database.session(cell.context(guizhou)) as session:
        session.execute(text("UPDATE requests.cases SET reopened = 1 WHERE id = :id"), {"id": key})
    with cell.database.session(first) as session:
        put_back_case(session, key)
    assert cell.client(guizhou, subject="first").post(f"{url}/claim", {}).json["code"] == "handled_before"
    assert cell.client(guizhou, subject="next").post(f"{url}/claim", {}).status_code == 200
    with cell.database.session(first) as session:
        release_case(session, key, reopened=1)
    assert cell.client(guizhou).get(url).json["person"] == "next", "who took it since keeps it"


def test_nobody_is_taken_from_a_case_while_somebody_is_asked_whether_they_had_it(
    cell: Cell, guizhou: UUID, url: str
) -> None:
    key, context = UUID(url[-36:]), replace(cell.context(guizhou), actor_id="first")
    with cell.database.session(context) as session:
        claim_case(session, key)
    with cell.database.session(context) as claiming:
        claim_case(claiming, key)
        with pytest.raises(OperationalError, match="lock timeout"), cell.database.session(context) as session:
            session.execute(text("SET LOCAL lock_timeout = '200ms'"))
            release_case(session, key, reopened=1)


def test_a_page_of_reopened_cases_asks_as_often_as_one_case(cell: Cell, sichuan: UUID, guizhou: UUID) -> None:
    item = opened(cell, guizhou)
    urls = [filed(cell, sichuan, item) for _each in range(3)]
    for url in urls:
        delivered(cell, guizhou, url)
        done(cell, sichuan, url, "reopen", **REASON)

    def asked(most: int) -> int:
        statements: list[Any] = []
        with cell.session(guizhou) as session:
            rows = [session.one(Case, UUID(url[-36:])) for url in urls[:most]]
            engine = session.get_bind().engine
            event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given), named=False)
            present_cases(session, rows)
        return len(statements)

    one, all_of_them = asked(1), asked(3)
    assert all_of_them == one > 0
