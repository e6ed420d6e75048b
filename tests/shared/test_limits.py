"""Rate limits hold across processes, and one tenant's flood is not another's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from shared.http.requests.limits import WINDOW, Limits, TooManyRequestsError
from shared.http.requests.tokens import Claims
from tests.builders.cell import Cell

PER_MINUTE = 600
PER_WINDOW = PER_MINUTE * WINDOW // 60


@pytest.fixture
def limited(cell: Cell) -> Iterator[Cell]:
    """At the beginning of a window, with small limits."""
    before = cell.database.settings
    cell.database.settings = replace(before, requests_per_minute=PER_MINUTE, client_requests_per_minute=PER_MINUTE)
    into = cell.clock.now().timestamp() % WINDOW
    cell.clock.advance(timedelta(seconds=WINDOW - into + 0.5))
    yield cell
    cell.database.settings = before


def claims(cell: Cell, tenant: UUID, client: str = "c") -> Claims:
    return Claims(
        subject="u", tenant_id=tenant, scopes=frozenset(), organisation_id=None, client_id=client,
        issued_at=cell.clock.now(),
    )  # fmt: skip


def passed(cell: Cell, limits: Limits, who: Claims, *, tries: int) -> int:
    """How many of so many requests pass."""
    count = 0
    with cell.app.app_context():
        for _try in range(tries):
            try:
                limits.count(who)
            except TooManyRequestsError:
                continue
            count += 1
    return count


def test_processes_together_let_no_more_through_than_the_limit(limited: Cell, sichuan: UUID) -> None:
    processes = [Limits(limited.database) for _process in range(4)]
    who = claims(limited, sichuan)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda limits: passed(limited, limits, who, tries=PER_WINDOW), processes))
    assert PER_WINDOW - 4 * (PER_WINDOW // 40) <= sum(counts) <= PER_WINDOW


def test_the_next_window_begins_anew_and_other_tenants_never_notice(
    limited: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    limits = Limits(limited.database)
    assert passed(limited, limits, claims(limited, sichuan), tries=3 * PER_WINDOW) <= PER_WINDOW
    assert passed(limited, limits, claims(limited, chongqing), tries=10) == 10
    limited.clock.advance(timedelta(seconds=WINDOW))
    assert passed(limited, limits, claims(limited, sichuan), tries=10) == 10


def test_old_windows_are_deleted_once_per_window_and_process(limited: Cell) -> None:
    limits = Limits(limited.database)
    statements: list[object] = []

    def seen(*arguments: object) -> None:
        if str(arguments[2]).startswith("DELETE"):
            statements.append(arguments[2])

    event.listen(limited.database.engine, "before_cursor_execute", seen)
    with limited.app.app_context():
        for number in range(1, 10):
            limits.count_address(f"2001:db8:{number}::1")
        limited.clock.advance(timedelta(seconds=WINDOW))
        limits.count_address("2001:db8:1::1")
    event.remove(limited.database.engine, "before_cursor_execute", seen)
    assert len(statements) == 2


def test_a_client_has_a_limit_of_its_own_below_its_tenants(limited: Cell, sichuan: UUID) -> None:
    limited.database.settings = replace(limited.database.settings, client_requests_per_minute=PER_MINUTE // 2)
    limits = Limits(limited.database)
    assert passed(limited, limits, claims(limited, sichuan, "one"), tries=PER_WINDOW) <= PER_WINDOW // 2
    assert passed(limited, limits, claims(limited, sichuan, "two"), tries=10) == 10


def test_the_answer_says_how_much_is_left_and_when_to_come_back(limited: Cell, sichuan: UUID) -> None:
    client = limited.client(sichuan)
    answer = client.get("/v1/parks")
    assert answer.headers["RateLimit-Policy"].endswith(f"q={PER_WINDOW};w={WINDOW}")
    answers = [client.get("/v1/tenants") for _try in range(PER_WINDOW + 5)]
    assert answers[-1].status_code == 429
    assert answers[-1].json["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= WINDOW
