"""The index of what waits for whom: derived from each aggregate's row whenever that is written, at home and at parties.

No service keeps a list of its own: an aggregate declares `duties` and says in `work` what it waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from events.foreign import MALFORMED
from shared.core.log import logger
from shared.database.prepared import AMONG_KEYS, HERE, Prepared
from shared.database.rows import AGGREGATES, Aggregate, TenantRow, table_of
from shared.database.session import TenantSession
from shared.rules.duties import Duty, Wait, Work

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When it is due where there is no such moment: a column that is sorted by holds no null."""
COMMAND = "machine.command"
SIGNING = ("sign", "agree")
"""Actions by which a tenant signs."""
ANSWER = Duty("answer_command", "答复操作", "Answer a command", "commands:read")


class WorkRow(TenantRow):
    """A thing waits for an action of `parties`; `mine`: this tenant is among them, `others`: so is another one.

    `organisation_id` is whose thing it is, None where it is the tenant's; `by_organisation`: it waits for its people.
    """

    __tablename__ = "work"
    __table_args__ = {"schema": "shared"}

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    url: Mapped[str]
    scope: Mapped[str]
    parties: Mapped[list[UUID]]
    mine: Mapped[bool]
    others: Mapped[bool]
    organisation_id: Mapped[UUID | None]
    by_organisation: Mapped[bool]
    since: Mapped[datetime]
    due: Mapped[datetime]
    updated_at: Mapped[datetime]


TABLE = table_of(WorkRow)
KEEP = insert(TABLE)
FORGET = Prepared(
    lambda: delete(TABLE).where(
        TABLE.c.tenant_id == HERE,
        TABLE.c.aggregate_id == AMONG_KEYS,
    )
)


def duties_of(kind: str) -> Sequence[Duty]:
    """What things of this kind may wait for."""
    return (ANSWER,) if kind == COMMAND else AGGREGATES[kind].duties


def kinds() -> list[str]:
    """Every kind of thing that may wait for somebody."""
    return [COMMAND, *sorted(name for name, kind in AGGREGATES.items() if kind.duties)]


def keep_work(session: TenantSession, rows: Iterable[Aggregate], *, reload: bool = False) -> None:
    """Derive again what these rows wait for, and those that depend on them; `reload`: written past the ORM."""
    written, here = list(rows), session.context.tenant_id
    found = {row.id: row for row in written if row.duties}
    for kind in AGGREGATES.values():
        beside = kind.beside
        if beside is None or not beside.state:
            continue
        keys = [row.id for row in written if row.kind == beside.kind and not row.stands_alone]
        if keys:
            named: Any = kind
            depend = _depending(kind).rows(session, here=here, keys=keys)
            if not depend:
                continue
            query = select(named).where(named.tenant_id == here, named.id.in_([one[0] for one in depend]))
            dependents = session.scalars(query, execution_options={"populate_existing": reload})
            found = {**{row.id: row for row in dependents if row.duties}, **found}
    if not found:
        return
    session.run(FORGET, here=here, keys=list(found))
    session.write(KEEP, [line for row in found.values() for line in derived(session, row)])


@cache
def _depending(kind: Any) -> Prepared:
    """Which things of this kind stand beside some with these ids, and are derived again with them."""
    beside = kind.beside
    return Prepared(
        lambda: select(kind.id).where(
            kind.tenant_id == HERE,
            getattr(kind, beside.column) == AMONG_KEYS,
            kind.state == beside.state,
        )
    )


def derived(session: TenantSession, row: Aggregate) -> list[dict[str, Any]]:
    """The lines of the index that follow from one row; none where its home signed it in no form that can be read."""
    here = session.context.tenant_id
    if here not in row.party_ids:
        return []
    try:
        work = row.work(thing_beside(session, row))
    except MALFORMED as error:
        logger("work").error("work_unreadable", kind=row.kind, key=str(row.id), exc_info=error)
        return []
    if work is None:
        return []
    now = session.clock.now()
    return [{**_line(row, here, work=work, wait=wait), "updated_at": now} for wait in work.waits if wait.parties]


def thing_beside(session: TenantSession, row: Aggregate) -> Any:
    """What stands beside it, of the same home: anybody can make a thing that names another's."""
    if row.beside is None:
        return None
    found = session.get(AGGREGATES[row.beside.kind], (session.context.tenant_id, getattr(row, row.beside.column)))
    return found if found is not None and found.home_id == row.home_id else None


def _line(row: Aggregate, here: UUID, *, work: Work, wait: Wait) -> dict[str, Any]:
    parties = sorted(set(wait.parties))
    return {
        "tenant_id": here, "aggregate_id": row.id, "action": wait.duty.action, "kind": row.kind,
        "name_zh": work.name_zh, "name_en": work.name_en, "url": work.url, "scope": wait.duty.scope,
        "parties": parties, "mine": here in parties, "others": any(party != here for party in parties),
        "organisation_id": wait.organisation, "by_organisation": wait.by_organisation,
        "since": wait.since, "due": wait.due or NEVER,
    }  # fmt: skip


def waits_for_us(kind: type[Aggregate], *, wanted: bool, actions: Collection[str] = SIGNING) -> ColumnElement[bool]:
    """Whether it waits for one of these actions of the session's tenant, or does not."""
    waiting = select(WorkRow.aggregate_id).where(WorkRow.mine, WorkRow.kind == kind.kind, WorkRow.action.in_(actions))
    return kind.id.in_(waiting) if wanted else kind.id.not_in(waiting)
