"""What is done to a part of the running stack: asked to end, killed, or stopped for a while."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.processes import Part, wait_until
from deploy.local.stack import Stack
from shared.http.client import ApiClient

KINDS = {"term": signal.SIGTERM, "kill": signal.SIGKILL, "stop": signal.SIGSTOP}
PARTS = ("web", "relay", "worker", "kafka", "postgres")
CONNECTIONS = ("connection:app", "connection:relay", "connection:worker")
STOPPED = 20.0
"""Seconds."""
HOLDER = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended('relay:cell1', 0)"""
BUSY = "SELECT pid FROM pg_stat_activity WHERE application_name = %s ORDER BY state_change DESC NULLS LAST LIMIT 1"


@dataclass(frozen=True)
class Blow:
    """One cell of the matrix, such as `kill:worker` or `stop:connection:relay`."""

    kind: str
    target: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}"

    def strike(self, stack: Stack) -> float:
        """Do it, wait until the part is back, and tell how many seconds that took."""
        pids = self._pids(stack)
        began = time.monotonic()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, KINDS[self.kind])
        if self.kind == "stop":
            time.sleep(STOPPED)
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        elif self.target in PARTS:
            part = Part(stack.home, self.target)
            wait_until(lambda: part.pid() not in (None, pids[0]), within=60)
        if not wait_until(lambda: is_back(stack), within=90):
            raise AssertionError(f"after {self} the stack did not come back: {stack.status()}")
        return time.monotonic() - began

    def _pids(self, stack: Stack) -> list[int]:
        if self.target not in PARTS:
            return [_backend(stack, self.target.partition(":")[2])]
        pid = Part(stack.home, self.target).pid()
        if pid is None:
            raise AssertionError(f"{self.target} does not run")
        return [pid, *_children(pid)] if self.kind == "stop" else [pid]


def matrix() -> list[Blow]:
    """Every cell."""
    return [Blow(kind, target) for target in (*PARTS, *CONNECTIONS) for kind in KINDS]


def is_back(stack: Stack) -> bool:
    """Every part lives and says of itself that it is ready."""
    return all(stack.status().values()) and all(
        _is_ready(stack.operations(role)) for role in ("relay", "worker", "web")
    )


def _is_ready(address: str) -> bool:
    client = ApiClient(address, "")
    try:
        return client.get("/readyz").status == 200
    except Exception:  # noqa: BLE001 - whatever it is, it is no yes
        return False
    finally:
        client.close()


def _backend(stack: Stack, role: str) -> int:
    query: Callable[[psycopg.Connection], psycopg.Cursor] = (
        (lambda connection: connection.execute(HOLDER))
        if role == "relay"
        else (lambda connection: connection.execute(BUSY, [f"xietong-{role}"]))
    )
    with psycopg.connect(stack.admin_url) as connection:
        found = query(connection).fetchone()
    if found is None:
        raise AssertionError(f"no connection of the role {role}")
    return int(found[0])


def _children(pid: int) -> Iterator[int]:
    """All below it, in whatever session: PostgreSQL gives each of its own one."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
                child = int(stat.parent.name)
                yield child
                yield from _children(child)
