"""Signing keys change while tokens are made and verified: nobody notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

from joserfc.jws import extract_compact
from sqlalchemy import select

from services.identity.domain.keys import RETIRED_LIFE
from services.identity.models import TokenKey
from tests.builders.cell import Cell
from tests.builders.oauth import make_client, use

VERIFIERS = 6
ROTATIONS = 4


def key_of(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])


def test_no_verification_fails_while_keys_rotate(cell: Cell, sichuan: UUID) -> None:
    machine, stop = make_client(cell, sichuan, "machine"), Event()
    boss = cell.client(sichuan, "security_administrator")

    def verify() -> tuple[int, int, set[str]]:
        """Old and new tokens, over and over: how many were tried, how many refused, and the keys seen."""
        kept: list[str] = []
        tried = failed = 0
        while not stop.is_set():
            answer = machine.post("token", grant_type="client_credentials")
            kept = [*kept[-20:], answer.json["access_token"]]
            for token in (kept[0], kept[-1]):
                tried += 1
                failed += use(cell, token).status_code != 200
        return tried, failed, {key_of(token) for token in kept}

    with ThreadPoolExecutor(VERIFIERS) as pool:
        runs = [pool.submit(verify) for _ in range(VERIFIERS)]
        for _ in range(ROTATIONS):
            assert boss.post("/v1/token-keys").status_code == 201
            cell.carry()
            cell.run_timers()
            cell.carry()
        stop.set()
        results = [run.result(60) for run in runs]
    assert sum(failed for _tried, failed, _keys in results) == 0
    assert sum(tried for tried, _failed, _keys in results) > 50
    with cell.session(sichuan) as session:
        states = sorted(session.scalars(select(TokenKey.state)))
    assert states == ["active", *["retired"] * ROTATIONS]


def test_a_retired_key_verifies_until_its_tokens_are_gone_and_then_leaves_the_jwks(cell: Cell, sichuan: UUID) -> None:
    machine = make_client(cell, sichuan, "machine")
    token = machine.post("token", grant_type="client_credentials").json["access_token"]
    assert cell.client(sichuan, "security_administrator").post("/v1/token-keys").status_code == 201
    cell.carry()
    cell.run_timers()
    cell.carry()
    assert use(cell, token).status_code == 200

    def listed() -> set[str]:
        return {key["kid"] for key in cell.app.test_client().get("/oauth/jwks.json").json["keys"]}

    fresh = machine.post("token", grant_type="client_credentials").json["access_token"]
    assert key_of(fresh) != key_of(token)
    assert {key_of(token), key_of(fresh)} <= listed()
    cell.clock.advance(RETIRED_LIFE)
    assert key_of(token) not in listed()
    assert use(cell, token).status_code == 401
