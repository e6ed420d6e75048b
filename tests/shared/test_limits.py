"""Rate limits hold across processes, and one tenant's flood is not another's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from nacl.signing import VerifyKey
from sqlalchemy import event

from shared.core.log import Seldom
from shared.http import app
from shared.http.requests.limits import LEAST, WINDOW, Limits, TooManyRequestsError
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
    assert PER_WINDOW - 4 * LEAST <= sum(counts) <= PER_WINDOW


def test_a_window_costs_few_leases_and_many_threads_lease_once(limited: Cell, sichuan: UUID) -> None:
    leases: list[object] = []

    def seen(*arguments: object) -> None:
        leases.append(arguments)

    event.listen(limited.database.engine, "commit", seen)
    limits, who = Limits(limited.database), claims(limited, sichuan)
    try:
        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(lambda _thread: passed(limited, limits, who, tries=PER_WINDOW // 8), range(8)))
    finally:
        event.remove(limited.database.engine, "commit", seen)
    assert sum(counts) == PER_WINDOW // 8 * 8
    # Of the client and of its tenant; some threads may wait for one that leases.
    assert len(leases) <= 2 * PER_WINDOW // 7


@pytest.mark.parametrize("per_minute", [6, 30, 60])
def test_no_process_takes_all_of_a_small_limit(limited: Cell, sichuan: UUID, per_minute: int) -> None:
    limited.database.settings = replace(limited.database.settings, client_requests_per_minute=per_minute)
    most = per_minute * WINDOW // 60
    one, other = Limits(limited.database), Limits(limited.database)
    who = claims(limited, sichuan)
    assert passed(limited, one, who, tries=1) == 1
    assert passed(limited, other, who, tries=most) >= most - max(2, most // 4)
    assert passed(limited, one, who, tries=most) + passed(limited, other, who, tries=most) <= most


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


def test_a_refused_request_costs_no_signature_and_few_lines(
    limited: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, proven, token = [], [], limited.token(sichuan, subject="flooding")
    log = SimpleNamespace(**{level: lambda *line, **_: said.append(line) for level in ("info", "warning")})
    monkeypatch.setattr(app, "LOG", log)
    monkeypatch.setattr(app, "REFUSED", Seldom(log))
    verify = VerifyKey.verify
    monkeypatch.setattr(VerifyKey, "verify", lambda *given: proven.append(given) or verify(*given))
    flask, headers = limited.app.test_client(), {"Authorization": f"Bearer {token}"}
    answers = [flask.get("/v1/tenants", headers=headers).status_code for _try in range(PER_WINDOW + 50)]
    assert (answers.count(200), answers.count(429)) == (PER_WINDOW, 50)
    assert len(proven) <= 1
    assert len(said) == PER_WINDOW + 1


def test_forged_tokens_get_nobody_refused(limited: Cell, sichuan: UUID) -> None:
    flask, token = limited.app.test_client(), limited.token(sichuan, subject="victim")
    forged = token[:-8] + "AAAAAAAA"
    wrong = [flask.get("/v1/tenants", headers={"Authorization": f"Bearer {forged}"}) for _try in range(PER_WINDOW + 5)]
    assert {answer.status_code for answer in wrong} == {401}
    answer = flask.get("/v1/tenants", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert int(answer.headers["RateLimit"].split(";r=")[1].split(";")[0]) > PER_WINDOW // 2
    flood = [flask.get("/v1/tenants", headers={"Authorization": f"Bearer {token}"}) for _try in range(PER_WINDOW)]
    assert flood[-1].status_code == 429
    # Whose token it is, is not believed, also when they are refused.
    assert flask.get("/v1/tenants", headers={"Authorization": f"Bearer {forged}"}).status_code == 401
