"""How long a change takes from home's commit until a party's API shows it."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus

from deploy.demo.errors import NotHeldError
from events.entry import NOWHERE, Position
from shared.core.calendar import read_moment
from shared.http.client import AnswerError, ApiAnswer, ApiClient

EVERY = 0.002
LONGEST = 30.0


@dataclass(frozen=True)
class Timing:
    """Seconds; `visible` by party, from the commit at home until a party's GET returned that version or a later one."""

    label: str
    answered: float
    committed: float
    visible: dict[str, float] = field(default_factory=dict)


def committed_at(shown: ApiAnswer) -> float:
    """The time home wrote into the entry, just before its commit: so visible times are upper bounds."""
    return read_moment(shown.body["updated_at"]).timestamp()


@dataclass(frozen=True)
class Watchers:
    """One connection and one thread per watching party, by its code."""

    clients: dict[str, ApiClient]
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def start(self, path: str, wanted: Future[Position]) -> dict[str, Future[float]]:
        """Look as every party until it shows what is `wanted`; the results are wall-clock times."""
        return {
            code: self.threads.submit(first_shown, client, path, wanted=wanted) for code, client in self.clients.items()
        }


def first_shown(client: ApiClient, path: str, *, wanted: Future[Position]) -> float:
    """When this client's tenant first showed the wanted position; it may become known while we look."""
    shown: dict[Position, float] = {}
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        position = _position(client, path)
        shown.setdefault(position, time.time())
        if wanted.done() and position >= wanted.result():
            return min(at for seen, at in shown.items() if seen >= wanted.result())
        time.sleep(EVERY)
    raise NotHeldError(
        f"{path} 在 {LONGEST:.0f} 秒内没有到达各方,请看工作进程的日志",
        f"{path} did not reach a party in {LONGEST:.0f} s; read the worker's log",
    )


def _position(client: ApiClient, path: str) -> Position:
    """Nowhere while the party does not have it."""
    try:
        return client.get(path).position
    except AnswerError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return NOWHERE


def quantile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
