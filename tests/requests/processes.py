"""What clerks do in processes of their own, each with its own connections, as several web processes have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from services import registry
from services.requests.commands.cases import file_case
from services.requests.commands.pools import claim_case
from shared.core.context import Context
from shared.core.errors import ConflictError
from shared.core.settings import Settings
from shared.journal.session import Database

PROCESSES = 4
Work = Callable[[Database, UUID, Any], Any]


def claims(database: Database, tenant: UUID, given: tuple[str, Sequence[UUID]]) -> list[UUID]:
    """What one clerk gets of all these cases."""
    clerk, keys = given
    got = []
    for key in keys:
        try:
            with database.session(Context(tenant_id=tenant, actor_id=clerk)) as session:
                claim_case(session, key)
            got.append(key)
        except ConflictError:
            continue
    return got


def files(database: Database, tenant: UUID, key: UUID) -> str:
    """The number that a case gets."""
    with database.session(Context(tenant_id=tenant, actor_id="clerk")) as session:
        return str(file_case(session, key).number)


class Processes:
    """Four processes; they start when they are first asked, and end with the tests of a file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))

    def at_once(self, tenant: UUID, work: Work, *, given: Sequence[Any]) -> list[Any]:
        """What becomes of each of `given`, worked on by all processes with two threads each."""
        shares = [given[start::PROCESSES] for start in range(PROCESSES)]
        made = self._pool.map(partial(_share, self._settings, tenant, work), shares)
        return [one for found in made for one in found]

    def close(self) -> None:
        self._pool.shutdown()


def _share(settings: Settings, tenant: UUID, work: Work, given: Sequence[Any]) -> list[Any]:
    registry.load()
    database = Database(settings, "app")
    try:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(partial(work, database, tenant), given))
    finally:
        database.close()
