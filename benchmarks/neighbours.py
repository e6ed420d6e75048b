"""A quiet tenant's requests beside another tenant that floods, nearly all of whose requests are refused."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http import HTTPStatus
from multiprocessing import get_context
from typing import Any

from benchmarks.clients import Asked, ask_for, request
from benchmarks.stage import EVERYTHING, Stage
from benchmarks.web import constant, token_of, until_it_answers
from services.tenants.commands import set_quotas
from shared.core.context import PLATFORM

SECONDS = 8.0
AHEAD = 2.0
"""The flood begins so much earlier."""
QUOTA = 300
"""Requests per minute of the flooding tenant."""
FLOOD, CLIENTS = 350, 4
"""Requests per second of all its clients together."""
PATIENT = 0.03
"""Seconds between two requests of the quiet one."""
PATH = "/v1/parks?limit=5"


def measure(stage: Stage, rounds: int) -> list[dict[str, Any]]:
    """Milliseconds, p95 of the quiet tenant, without and with the flood; the part of the flood that was refused."""
    with stage.running(EVERYTHING):
        quiet, loud = stage.tenants("quiet", "loud")
        until_it_answers(stage)
        with stage.app.session(stage.context(PLATFORM)) as session:
            set_quotas(session, loud, requests_per_minute=QUOTA)
        stage.settle()
        time.sleep(AHEAD)
        return [_round(stage, token_of(stage, quiet), token_of(stage, loud)) for _round_number in range(rounds)]


def _asking(web: str, token: str, clients: int, seconds: float, pause: float) -> Asked:
    return ask_for(web, [partial(constant, request("GET", PATH, token))] * clients, seconds=seconds, pause=pause)


def _round(stage: Stage, quiet: str, loud: str) -> dict[str, Any]:
    web = stage.settings.web
    # In processes of their own: one's threads must not hold up the other's.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        alone = pool.submit(_asking, web, quiet, 1, SECONDS, PATIENT).result()
        flood = pool.submit(_asking, web, loud, CLIENTS, SECONDS + AHEAD + 1.0, CLIENTS / FLOOD)
        time.sleep(AHEAD)
        beside = pool.submit(_asking, web, quiet, 1, SECONDS, PATIENT).result()
        flooded = flood.result()
    count = sum(flooded.statuses.values())
    return {
        "floor": {"p50": statistics.median(alone.times), "p95": _p95(alone)},
        "platform": {"p50": statistics.median(beside.times), "p95": _p95(beside)},
        "flood": {
            "rate": count / flooded.seconds,
            "refused": flooded.statuses.get(HTTPStatus.TOO_MANY_REQUESTS, 0) / count,
        },
    }


def _p95(asked: Asked) -> float:
    return statistics.quantiles(asked.times, n=20)[-1]
