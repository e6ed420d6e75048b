"""Connections of one database role: a pool that is opened on first use and notices servers that have gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from select import POLLIN
from select import poll as select_poll
from typing import Any

import orjson
import psycopg
from psycopg.pq import ConnStatus
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, InvalidatePoolError
from sqlalchemy.orm import Session as OrmSession

from shared.core.clock import Clock
from shared.core.settings import Settings
from shared.database.many import written_json
from shared.database.prepared import LIMITS

REACHED: Mapping[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that is cut off without a word is noticed after ten seconds, not when the kernel gives up."""


@dataclass
class Connections:
    """The connections of one database role in one process; nothing is opened before first use (gunicorn forks)."""

    settings: Settings
    role: str = "app"
    pool: int = 10
    clock: Clock = field(default_factory=Clock)

    @cached_property
    def engine(self) -> Engine:
        """The pool; waiting for a connection is bounded by 10 s."""
        engine = create_engine(
            self.settings.url(self.role),
            pool_size=self.pool,
            max_overflow=0,
            pool_timeout=10,
            # The one last used knows its statements and patterns already: each connection learns them anew.
            pool_use_lifo=True,
            json_serializer=written_json,
            json_deserializer=orjson.loads,
            connect_args={"application_name": f"xietong-{self.role}", **REACHED},
        )
        event.listen(engine, "handle_error", _blame_what_was_given)
        event.listen(engine, "checkout", _check_connected)
        return engine

    @contextmanager
    def cell_session(self) -> Iterator[OrmSession]:
        """A session of no tenant: sees registers and what the role's own policies show."""
        with OrmSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give all connections back."""
        if "engine" in self.__dict__:
            self.engine.dispose()


def _check_connected(connection: psycopg.Connection[Any], *_record: object) -> None:
    """Raises where the server has hung up, so that the pool opens another connection instead.

    What waits here is read by nobody else: a server sends nothing unasked, but that it closes. To look costs no round
    trip; a server that is cut off without a word is noticed as `REACHED` says.
    """
    looking = select_poll()
    looking.register(connection.fileno(), POLLIN)
    if looking.poll(0):
        # A notice, or a setting that was changed, is no reason to give it up: a dead one cannot even say nothing.
        connection.pgconn.exec_(b"")
        if connection.pgconn.status != ConnStatus.OK:
            raise InvalidatePoolError


def _blame_what_was_given(failed: ExceptionContext) -> None:
    """What goes beyond a limit of PostgreSQL's own is the fault of what was given: a driver calls it the server's.

    Whoever waits for a server that is away would wait for ever.
    """
    given = failed.original_exception
    if isinstance(given, psycopg.Error) and (given.sqlstate or "").startswith(LIMITS):
        raise DataError(failed.statement, None, given) from given
