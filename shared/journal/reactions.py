"""Reactions: which handlers have yet to take in an entry, noted in the transaction that puts it into a journal.

Each handler goes on from its oldest row, whatever became of other handlers and of the replica.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Entry
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession

Handler = Callable[..., None]
Place = Literal["home", "party"]
HANDLERS: dict[str, list[Handler]] = {}
"""By event type, in the order in which they run."""
PLACES: dict[Handler, Place] = {}
"""Of handlers that run at home alone, or at parties alone."""
HEEDED: dict[Handler, str] = {}
"""Of handlers that take in one field of what happened: its name; where it is None there is nothing to take in."""
TOGETHER: set[Handler] = set()
"""Handlers that are given many entries at once."""
FEW = 20
"""Entries of one transaction of which home's handlers are woken; those of more are taken in by the timers."""
Turn = tuple[str, UUID]
"""A handler by name and the aggregate of which it has something to take in."""


class ReactionRow(TenantRow):
    """An entry that a handler has not taken in yet: deleted in the transaction in which it has.

    What fails is tried again `retry_at`; later entries of the aggregate wait behind it, for this handler alone.
    """

    __tablename__ = "reactions"
    __table_args__ = {"schema": "shared"}

    handler: Mapped[str] = mapped_column(primary_key=True)
    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    retry_at: Mapped[datetime]
    error: Mapped[str | None]


NOTE = upsert(table_of(ReactionRow)).on_conflict_do_nothing()


def name_of(handler: Handler) -> str:
    """`service.function`: what its rows are kept under, so it stays when the module is divided."""
    named: Any = handler if hasattr(handler, "__name__") else type(handler)
    return f"{named.__module__.split('.')[1]}.{named.__name__}"


def handlers_named() -> dict[str, Handler]:
    """Every handler by its name."""
    return {name_of(handler): handler for handlers in HANDLERS.values() for handler in handlers}


def listening(entry: Entry, tenant: UUID) -> list[Handler]:
    """The handlers that take in the entry in this tenant."""
    here: Place = "home" if entry.home == tenant else "party"
    return [
        handler
        for handler in HANDLERS.get(entry.type, ())
        if PLACES.get(handler, here) == here
        and (handler not in HEEDED or entry.change.get(HEEDED[handler]) is not None)
    ]


def turns_of(entries: Iterable[Entry], tenant: UUID) -> list[Turn]:
    """Whose turn it is after these entries, each once."""
    return list(dict.fromkeys((name_of(one), entry.aggregate) for entry in entries for one in listening(entry, tenant)))


def note_reactions(session: TenantSession, entries: Iterable[Entry]) -> list[Turn]:
    """Remember, in the transaction of the entries, who is to take them in; returns whose turn it is, each once."""
    tenant, now = session.context.tenant_id, session.clock.now()
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": tenant, "handler": name_of(handler), "aggregate_id": entry.aggregate, "epoch": entry.epoch,
            "version": entry.version, "created_at": now, "attempts": 0, "retry_at": now,
        }
        for entry in entries
        for handler in listening(entry, tenant)
    ]  # fmt: skip
    session.write(NOTE, rows)
    return list(dict.fromkeys((str(row["handler"]), row["aggregate_id"]) for row in rows))
