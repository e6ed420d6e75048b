"""Signing in and verifying tokens, beside what the cryptography alone costs in the same run; and a noisy neighbour."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from multiprocessing import get_context
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.signing_in import Login, sign_in
from services.identity.commands import accounts, passwords
from services.identity.commands.tokens import TokenHolder, access_token
from services.identity.queries.issuing import LocalIssuer
from services.tenants.commands import set_quotas
from shared.core.context import PLATFORM, machine_context
from shared.http.requests.tokens import Verifier
from shared.journal.session import Database

SECONDS = 8.0
PASSWORD = "a made-up pass phrase 42"  # noqa: S105 - opens nothing but the benchmark's own accounts
CLIENTS = 4
QUOTA = 300
"""Requests per minute of the flooding tenant."""
PATIENT, FLOODING = 0.03, 0.004
"""Seconds between two requests of the quiet tenant, and of each of the flooding one's clients."""


@dataclass(frozen=True)
class Entering:
    """Per second, microseconds, and milliseconds; floors are the bare algorithms."""

    sign_ins: float
    hashes: float
    verification: float
    signature: float
    alone: float
    beside_flood: float
    refused: float


def measure(database: Database, tenant: UUID, other: UUID) -> Entering:
    """With web and worker running; `tenant` is quiet, `other` floods."""
    logins = [_account(database, tenant, number) for number in range(CLIENTS)]
    issuer = database.settings.issuer
    with ThreadPoolExecutor(CLIENTS) as pool:
        sign_ins = sum(pool.map(lambda account: _rate(lambda: sign_in(issuer, account)), logins))
        hashed = passwords.hash_password(PASSWORD)
        hashes = sum(pool.map(lambda _n: _rate(lambda: passwords.fits(hashed, PASSWORD)), logins))
    token = _token(database, tenant)
    verifier = Verifier(issuer, database.settings.audience, LocalIssuer(database).keys)
    private, message = Ed25519PrivateKey.generate(), token.encode()
    public, signature = private.public_key(), private.sign(message)
    _limit(database, other)
    alone = _p95(database, token)
    beside, refused = _beside_flood(database, token, _token(database, other))
    return Entering(
        sign_ins, hashes, 1e6 / _rate(lambda: verifier.claims(token), 2.0),
        1e6 / _rate(lambda: public.verify(signature, message), 2.0), alone, beside, refused,
    )  # fmt: skip


def _limit(database: Database, tenant: UUID) -> None:
    """Give the flooding tenant a quota that it will be far beyond."""
    with database.session(machine_context(PLATFORM)) as session:
        set_quotas(session, tenant, requests_per_minute=QUOTA)
    time.sleep(3.0)


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


def _token(database: Database, tenant: UUID) -> str:
    with database.session(machine_context(tenant)) as session:
        return access_token(session, TokenHolder(subject="bench", client_id="platform.bench", scopes=["parks:read"]))


def _ask(connection: HTTPConnection, token: str) -> tuple[int, float]:
    began = time.perf_counter()
    connection.request("GET", "/v1/parks?limit=5", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, (time.perf_counter() - began) * 1000


def _connection(database: Database) -> HTTPConnection:
    host, _, port = database.settings.web.rpartition(":")
    return HTTPConnection(host, int(port), timeout=30)


def _p95(database: Database, token: str) -> float:
    connection, times = _connection(database), []
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        times.append(_ask(connection, token)[1])
        time.sleep(PATIENT)
    connection.close()
    return statistics.quantiles(times, n=20)[-1]


def _beside_flood(database: Database, token: str, flooding: str) -> tuple[float, float]:
    """The quiet tenant's p95 while another is far beyond its limit, and which part of the flood was refused."""
    # In a process of its own: its threads must not hold up the one that measures.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        flood = pool.submit(_flood, database.settings.web, flooding, seconds=SECONDS + 3.0)
        time.sleep(2.0)
        found = _p95(database, token)
        passed, refused = flood.result()
    return found, refused / max(1, passed + refused)


def _flood(web: str, token: str, *, seconds: float) -> tuple[int, int]:
    """How many requests passed and how many were refused."""

    def ask() -> list[int]:
        host, _, port = web.rpartition(":")
        connection, statuses = HTTPConnection(host, int(port), timeout=30), []
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            statuses.append(_ask(connection, token)[0])
            time.sleep(FLOODING)
        connection.close()
        return statuses

    with ThreadPoolExecutor(CLIENTS) as pool:
        found = [status for item in [pool.submit(ask) for _client in range(CLIENTS)] for status in item.result()]
    refused = sum(status == HTTPStatus.TOO_MANY_REQUESTS for status in found)
    return len(found) - refused, refused
