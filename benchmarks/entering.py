"""Signing in, and verifying tokens, beside what the cryptography alone costs in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from nacl.signing import SigningKey

from benchmarks.stage import EVERYTHING, Stage
from benchmarks.web import token_of, until_it_answers
from deploy.signing_in import Login, sign_in
from services.identity.commands import accounts, passwords
from services.identity.queries.issuing import LocalIssuer
from shared.core.context import machine_context
from shared.http.requests.tokens import Verifier
from shared.journal.session import Database

SECONDS = 8.0
PASSWORD = "a made-up pass phrase 42"  # noqa: S105 - opens nothing but the benchmark's own accounts
CLIENTS = 4


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Sign-ins per second, and microseconds a verified token takes, each beside the bare algorithm."""
    with stage.running(EVERYTHING):
        [tenant] = stage.tenants("entering")
        until_it_answers(stage)
        database, issuer = stage.app, stage.settings.issuer
        logins = [_account(database, tenant, number) for number in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            sign_ins = sum(pool.map(lambda account: _rate(lambda: sign_in(issuer, account)), logins))
            hashed = passwords.hash_password(PASSWORD)
            hashes = sum(pool.map(lambda _n: _rate(lambda: passwords.fits(hashed, PASSWORD)), logins))
        token = token_of(stage, tenant)
        verifier = Verifier(issuer, database.settings.audience, LocalIssuer(database).keys)
        private, message = SigningKey.generate(), token.encode()
        public, signature = private.verify_key, private.sign(message).signature
        verified = 1e6 / _rate(lambda: verifier.claims(token), 2.0)
        bare = 1e6 / _rate(lambda: public.verify(message, signature), 2.0)
    made = {
        "platform": {"sign_ins": sign_ins, "verified": verified},
        "floor": {"sign_ins": hashes, "verified": bare},
    }
    return [made]


def _account(database: Database, tenant: UUID, number: int) -> Login:
    login = f"bench{number}"
    with database.session(machine_context(tenant)) as session:
        invited = accounts.invite(session, login=login, name="bench", email="b@bench.example", roles=["official"])
        accounts.activate(session, invited.token, password_hash=passwords.hash_password(PASSWORD))
        listing = session.directory.listing(session, tenant)
    return Login(f"{login}@{listing.code if listing else ''}", PASSWORD)


def _rate(once: Callable[[], object], seconds: float = SECONDS) -> float:
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        once()
        count += 1
    return count / passed
