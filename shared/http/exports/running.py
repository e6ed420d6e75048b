"""Writes what was asked for: whoever takes a job leases it, tells how far it is, and gives way to whoever took it over.

Each job is done by one process at a time. Its lease is renewed while rows come; a process that was killed renews none,
so another begins anew, and of two that both go on only the one that began last may end it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from tempfile import SpooledTemporaryFile
from threading import Event
from typing import IO, Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import func, select

from shared.core.context import Context, machine_context
from shared.core.errors import ConflictError, ProblemError
from shared.core.log import logger
from shared.evidence.audit import note
from shared.files.store import CHUNK, Staged, Store
from shared.http.exports.jobs import EXPORT_LIFECYCLE, GOING, KEPT, ExportRow, asked, forget
from shared.http.handling import one_page
from shared.http.lists.exporting import IN_MEMORY, WRITERS, Body, table_of
from shared.http.requests.gate import check_tenant
from shared.http.requests.problems import invalid
from shared.http.requests.tokens import Claims, Issuer
from shared.journal.session import Database

LEASE = timedelta(seconds=30)
RENEW_EVERY = 0.5
"""Seconds between two tellings of how far it is."""
ATTEMPTS = 3
PAUSE = timedelta(seconds=5)
"""After an attempt that failed, times how many there were."""
MOST_DUE = 100
"""Jobs of one tenant that are looked at together."""


class LeaseLostError(Exception):
    """The job was cancelled, or somebody else has taken it over."""


class OutOfTimeError(Exception):
    """Whoever writes has no more time for it: somebody else goes on."""


@dataclass
class Exporter:
    """Writes exports with the connections of its process; `relay` sees which are due in all tenants.

    `pulse` is called with each page; `stopping` ends what is under way, and leaves it to another process.
    """

    database: Database
    issuer: Issuer
    relay: Database | None = None
    stopping: Event = field(default_factory=Event)
    pulse: Callable[[], None] = lambda: None
    _served: dict[UUID, float] = field(default_factory=dict, init=False)
    """When each tenant was served last, so that one with many jobs keeps nobody waiting for all of them."""

    def run_exports(self) -> int:
        """Forget what is over, and write one that is due; returns how many were."""
        if self.relay is None:
            raise RuntimeError("nobody tells what is due")
        now, row = self.database.clock.now(), ExportRow
        look = (
            select(row.tenant_id, func.min(row.created_at).label("created_at"))
            .where(row.next_at <= now)
            .group_by(row.tenant_id)
        )
        with self.relay.cell_session() as session:
            since = {one.tenant_id: one.created_at for one in session.execute(look)}
        if not since:
            self._served.clear()
            return 0
        tenant = min(since, key=lambda one: (self._served.get(one, 0.0), since[one]))
        self._served[tenant] = time.monotonic()
        with self.database.session(machine_context(tenant, "export")) as session:
            query = select(row).where(row.next_at <= now).order_by(row.created_at).limit(MOST_DUE)
            due = session.scalars(query.with_for_update(skip_locked=True)).all()
            over = [one for one in due if one.expires_at <= now or one.state not in GOING]
            for one in over:
                forget(session, one)
        key = next((one.id for one in due if one not in over), None)
        return len(over) + (int(self.write(tenant, key)) if key else 0)

    def write(self, tenant: UUID, key: UUID, *, within: float | None = None) -> bool:
        """Write the job, unless somebody else does; `within` so many seconds, else it is left to the worker."""
        row = self._taken(tenant, key, is_new=within is not None)
        if row is None:
            return False
        until = None if within is None else time.monotonic() + within
        try:
            staged, rows = self._written(row, until)
        except LeaseLostError:
            return True
        except OutOfTimeError:
            self._left(row, attempts=row.attempts - 1)
        except ValidationError as error:
            self._failed(row, invalid(error))
        except ProblemError as error:
            self._failed(row, error)
        except Exception as error:  # noqa: BLE001 - one export must not stop the others
            logger("exports").exception("export_failed", export=str(key), tenant=str(tenant), exc_info=error)
            if row.attempts >= ATTEMPTS:
                self._failed(row, broken())
            else:
                self._left(row, attempts=row.attempts, pause=PAUSE * row.attempts)
        else:
            self._finished(row, staged, rows=rows)
        return True

    def _taken(self, tenant: UUID, key: UUID, *, is_new: bool) -> ExportRow | None:
        """The job, leased; None where somebody else has it, or nothing is left to do."""
        with self.database.session(machine_context(tenant, "export")) as session:
            now = session.clock.now()
            row = session.get(ExportRow, (tenant, key), with_for_update={"skip_locked": True})
            if row is None or row.state not in GOING or row.expires_at <= now:
                return None
            if row.next_at > now and not (is_new and row.state == EXPORT_LIFECYCLE.initial):
                return None
            if row.attempts >= ATTEMPTS:
                _end(row, "fail", now=now, problem=problem_of(broken()))
                return None
            EXPORT_LIFECYCLE.move(row, "begin")
            row.attempts, row.rows, row.next_at = row.attempts + 1, 0, now + LEASE
            row.started_at = now
        return row

    def _written(self, row: ExportRow, until: float | None) -> tuple[Staged, int]:
        """The file, aside in the store, and how many rows it has; what raises leaves nothing behind."""
        what, file = asked(row.address), SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed below
        told = time.monotonic()

        def went(rows: int, body: Body) -> None:
            nonlocal told
            self.pulse()
            if self.stopping.is_set() or (until is not None and time.monotonic() > until):
                raise OutOfTimeError
            if "total" in body or time.monotonic() - told >= RENEW_EVERY:
                told = time.monotonic()
                self._renewed(row, rows=rows, body=body)

        with file:
            with self.database.session(context_of(row)) as session:
                check_tenant(session, claims_of(row), scope=what.route.scope, issuer=self.issuer)
                read = partial(one_page, session, what.route, path=what.path, arguments=what.arguments)
                table = table_of(session, what.route, paging=what.paging, read=read, went=went)
                binary: IO[Any] = file
                WRITERS[row.form](binary, table)
                if what.route.audited is not None:
                    note(session, what.route.audited, subject=str(row.id))
            file.seek(0)
            return Store(self.database.settings).stage(iter(partial(file.read, CHUNK), b"")), table.count

    def _renewed(self, row: ExportRow, *, rows: int, body: Body) -> None:
        def renew(own: ExportRow) -> None:
            own.rows, own.next_at = rows, self.database.clock.now() + LEASE
            if "total" in body:
                own.total, own.total_is = body["total"], body["total_is"]

        if not self._change(row, renew):
            raise LeaseLostError

    def _left(self, row: ExportRow, *, attempts: int, pause: timedelta = timedelta()) -> None:
        def leave(own: ExportRow) -> None:
            own.attempts, own.next_at = attempts, self.database.clock.now() + pause

        self._change(row, leave)

    def _failed(self, row: ExportRow, error: ProblemError) -> None:
        now = self.database.clock.now()
        self._change(row, lambda own: _end(own, "fail", now=now, problem=problem_of(error)))

    def _finished(self, row: ExportRow, staged: Staged, *, rows: int) -> None:
        now = self.database.clock.now()

        def finish(own: ExportRow) -> None:
            _end(own, "finish", now=now)
            own.rows, own.total, own.total_is = rows, rows, "exact"
            own.file, own.sha256, own.size = staged.name, staged.sha256, staged.size

        try:
            is_kept = self._change(row, finish)
        except BaseException:
            Store(self.database.settings).discard(staged)
            raise
        if not is_kept:
            Store(self.database.settings).discard(staged)

    def _change(self, row: ExportRow, change: Callable[[ExportRow], None]) -> bool:
        """Change the row in a transaction of its own; False, and nothing is changed, where it is no longer ours."""
        with self.database.session(machine_context(row.tenant_id, "export")) as session:
            own = session.get(ExportRow, (row.tenant_id, row.id), with_for_update=True)
            if own is None or own.state != "running" or own.attempts != row.attempts:
                return False
            change(own)
        return True


def _end(row: ExportRow, action: str, *, now: datetime, problem: dict[str, Any] | None = None) -> None:
    EXPORT_LIFECYCLE.move(row, action)
    row.problem, row.ended_at = problem, now
    row.expires_at = row.next_at = now + KEPT


def broken() -> ConflictError:
    """What went wrong here, and will again."""
    return ConflictError(
        "export_broken",
        "系统多次尝试都没有完成导出。请缩小范围后再导出一次;仍不行请联系平台运维。",
        "The export failed several times. Narrow it and export once more; if that fails, too, tell the operator.",
    )


def problem_of(error: ProblemError) -> dict[str, Any]:
    """As it is kept."""
    return {"code": error.code, "zh": error.zh, "en": error.en}


def context_of(row: ExportRow) -> Context:
    """As whom it is read: whoever asked, with the rights that they had."""
    return Context(
        tenant_id=row.tenant_id,
        actor_id=row.actor_id,
        scopes=row.scopes,
        organisation_id=row.organisation_id,
        scope="organisation" if row.organisation_id else "tenant",
    )


def claims_of(row: ExportRow) -> Claims:
    """What is asked whether it was revoked since: the person, their client, and all of the tenant.

    Not their session: who signs out has not lost a right.
    """
    return Claims(
        subject=row.actor_id,
        tenant_id=row.tenant_id,
        scopes=row.scopes,
        organisation_id=row.organisation_id,
        client_id=row.claims["client_id"],
        issued_at=row.created_at,
    )
