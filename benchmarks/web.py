"""The web process of the platform, and that of the floor under the same gunicorn with the same settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from typing import NamedTuple
from uuid import UUID

from benchmarks.clients import Asked, Client, ask_for, request
from benchmarks.processes import running
from benchmarks.stage import WEB, Stage, wait_until
from deploy.local.processes import PROJECT
from services.identity.commands.tokens import TokenHolder, access_token
from services.identity.queries.issuing import LocalIssuer
from shared.core.encoding import b64decode
from shared.core.errors import UnavailableError

BARE = ("gunicorn", "-c", str(PROJECT / "deploy" / "gunicorn.conf.py"), "benchmarks.bare:app")
SCOPES = ("parks:read", "parks:write", "standards:read", "organisations:read", "organisations:import", "files:write")


class Served(NamedTuple):
    """A web process: how it is started, where its parks are, and what it needs to know."""

    argv: Sequence[str]
    path: str
    environment: Mapping[str, str]


def token_of(stage: Stage, tenant: UUID) -> str:
    """An access token of somebody of this tenant, for ten minutes; of a new one as soon as its key is published."""
    made: list[str] = []

    def mint() -> bool:
        with suppress(UnavailableError), stage.app.session(stage.context(tenant)) as session:
            holder = TokenHolder(subject="bench", client_id="platform.bench", scopes=list(SCOPES))
            made.append(access_token(session, holder))
        return bool(made)

    wait_until(mint, every=0.2)
    return made[0]


def key_of(stage: Stage, token: str) -> str:
    """The public key that verifies it, base64url."""
    head = json.loads(b64decode(token.partition(".")[0]))
    published = LocalIssuer(stage.app).keys()
    return next(str(key.jwk["x"]) for key in published if key.jwk["kid"] == head["kid"])


@contextmanager
def web(stage: Stage, argv: Sequence[str] = WEB, **changes: str) -> Iterator[dict[str, int]]:
    """The one or the other, ready; gives its process id by name."""
    with running({"web": argv}, {**stage.environment, **changes}) as pids:
        until_it_answers(stage)
        yield pids


def until_it_answers(stage: Stage) -> None:
    """Somebody, at the address of the web process."""
    wait_until(lambda: _answers(stage), every=0.1, longest=60.0)


def _answers(stage: Stage) -> bool:
    try:
        client = Client(stage.settings.web)
        client.ask(request("GET", "/readyz", "none"))
        client.close()
    except OSError:
        return False
    return True


def constant(given: bytes, _number: int) -> bytes:
    """The same request each time."""
    return given


def asked(stage: Stage, makers: Sequence[Callable[[int], bytes]], *, seconds: float, least: int) -> Asked:
    """What clients in a process of their own see: their threads must not hold up the one that measures."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(partial(ask_for, stage.settings.web, makers, seconds=seconds, least=least)).result()
