"""Many at once: what may be used once is used once, and what is ended is refused soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any
from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.identity import sign_in
from tests.builders.oauth import DEVICE, code_for, command_line, make_client, official, tokens_for, use
from tests.builders.race import wait_until
from tests.identity.test_protocol_endpoints import begun, let_in

AT_ONCE = 50


def all_at_once(call: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [run.result(60) for run in [pool.submit(call) for _ in range(AT_ONCE)]]


def outcomes(answers: list[Any]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json.get("error", "")) for answer in answers)


def test_fifty_refreshes_with_one_token_give_exactly_one(cell: Cell, sichuan: UUID) -> None:
    app = make_client(cell, sichuan)
    tokens = tokens_for(app, official(cell, sichuan))
    answers = all_at_once(lambda: app.refresh(tokens["refresh_token"]))
    assert outcomes(answers) == {(200, ""): 1, (400, "invalid_grant"): AT_ONCE - 1}
    (won,) = [answer.json for answer in answers if answer.status_code == 200]
    started = monotonic()
    assert wait_until(lambda: use(cell, won["access_token"]).status_code == 401, seconds=5)
    assert monotonic() - started < 5
    assert app.refresh(won["refresh_token"]).status_code == 400


def test_fifty_redemptions_of_one_code_give_exactly_one(cell: Cell, sichuan: UUID) -> None:
    app = make_client(cell, sichuan)
    code = code_for(app, official(cell, sichuan))
    answers = all_at_once(lambda: app.redeem(code))
    assert outcomes(answers) == {(200, ""): 1, (400, "invalid_grant"): AT_ONCE - 1}
    (won,) = [answer.json for answer in answers if answer.status_code == 200]
    assert wait_until(lambda: use(cell, won["access_token"]).status_code == 401, seconds=5)


def test_fifty_polls_of_one_device_give_exactly_one(cell: Cell, sichuan: UUID) -> None:
    cli, browser = command_line(cell), cell.app.test_client()
    codes = begun(cli)
    sign_in(browser, official(cell, sichuan))
    assert let_in(browser, codes["user_code"]).status_code == 200
    answers = all_at_once(lambda: cli.post("token", grant_type=DEVICE, device_code=codes["device_code"]))
    assert outcomes(answers) == {(200, ""): 1, (400, "invalid_grant"): AT_ONCE - 1}
