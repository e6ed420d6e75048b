"""Sessions that publish: what a tenant changes goes into its journal and outbox with the change, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import UOWTransaction

from events.canonical import Json
from events.catalog import Change
from shared.core.context import Context
from shared.core.errors import PreconditionError
from shared.core.log import logger
from shared.database.rows import Aggregate, state_of
from shared.database.session import Connections, TenantSession
from shared.journal import entries
from shared.keys.directory import Directory
from shared.keys.keyring import EnvironmentVault, Keyring, Signer

A = TypeVar("A", bound=Aggregate)
ATTEMPTS = 3
"""Of what is left to do after a commit."""


@dataclass
class Database(Connections):
    """Connections whose sessions publish, with the keys of all tenants."""

    @cached_property
    def directory(self) -> Directory:
        """The tenants and their public keys."""
        return Directory(self.settings)

    @cached_property
    def keyring(self) -> Keyring:
        """The private keys of tenants that live here."""
        return Keyring(EnvironmentVault(self.settings.vault_key))

    @contextmanager
    def session(self, context: Context) -> Iterator[Session]:
        """A session of one transaction: committed when the block ends well, rolled back otherwise.

        What the block put into `afterwards` is done once it is committed, and only then.
        """
        with Session(self, context) as session, session.begin():
            yield session
            session.check_published()
        for act in session.afterwards:
            _do_afterwards(act)


def _do_afterwards(act: Callable[[], None]) -> None:
    """What was committed stays so, whatever becomes of this: it is tried again, and what fails is said aloud."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            act()
        except Exception as error:  # noqa: BLE001 - raised, it would say of what is done that it was not
            logger("db").error("afterwards_failed", attempt=attempt, last=attempt == ATTEMPTS, exc_info=error)
        else:
            return


class Session(TenantSession):
    """A tenant's session that publishes."""

    _undone: ClassVar[tuple[str, ...]] = ("_woken", "afterwards", "published", "_locked", "_states", "_rows")

    def __init__(self, database: Database, context: Context) -> None:
        super().__init__(database, context)
        self.directory = database.directory
        self.keyring = database.keyring
        self.published: list[Aggregate] = []
        self._locked: dict[UUID, tuple[UUID, ...]] = {}
        self._states: dict[UUID, dict[str, Json]] = {}
        """The state of each aggregate as it was published last, or found."""
        self.found: dict[UUID, tuple[str, dict[str, Json]]] = {}
        """The version and state of each aggregate as it was when it was locked."""
        # Held here, for SQLAlchemy forgets a row that nobody refers to, and with it that it was changed.
        self._rows: dict[UUID, Aggregate] = {}

    @property
    def signer(self) -> Signer:
        """The tenant's newest active key; raises `UnavailableError` when it has none yet."""
        return self.keyring.signer(self)

    def locked(self, kind: type[A], key: UUID) -> A:
        """The row, locked until the transaction ends; raises `NotFoundError`, or `PreconditionError` on If-Match."""
        if key in self._locked and isinstance(known := self._rows[key], kind):
            # Reading it again would throw away what this transaction has already changed.
            return known
        row = self.get(kind, (self.context.tenant_id, key), with_for_update=True, populate_existing=True)
        found = self._visible(kind, key, row=row)
        expected = self.context.expected
        if expected is not None and expected[0] == key and found.position not in expected[1]:
            raise PreconditionError.changed(found.etag)
        self._locked[key], self._rows[key] = tuple(found.party_ids), found
        self.found[key] = found.etag, state_of(found)
        self._states[key] = self.found[key][1]
        return found

    def create(self, kind: type[A], *, parties: Sequence[UUID], nonce: str | None = None, **fields: Any) -> A:
        """A new aggregate whose home is this tenant; it exists for others once it is published."""
        row = entries.born(self, kind, parties=parties, nonce=nonce)
        for name, value in fields.items():
            setattr(row, name, value)
        self._locked[row.id], self._rows[row.id] = (), row
        return row

    def publish(self, row: Aggregate, change: Change) -> None:
        """Write row, journal entry and outbox; refuses an aggregate that is not locked in this transaction."""
        self.publish_all([(row, change)])

    def publish_all(self, changes: Sequence[tuple[Aggregate, Change]]) -> None:
        """The same for many rows, each of them once, with one statement per table instead of one per row."""
        for row, _change in changes:
            if row.id not in self._locked:
                raise RuntimeError(f"{row.kind} {row.id} is published without its lock")
        items = [entries.Publication(row, change, self._locked[row.id]) for row, change in changes]
        known = {row.id for row in self.published}
        for row, state in zip(
            [row for row, _change in changes],
            entries.record_all(self, items, directory=self.directory, signer=self.signer),
            strict=True,
        ):
            self._states[row.id], self._locked[row.id] = state, tuple(row.party_ids)
        self.published += [row for row, _change in changes if row.id not in known]

    def check_published(self) -> None:
        """A changed aggregate that was not published would never reach its parties: stop the commit instead."""
        for row in self._rows.values():
            if self._states.get(row.id) != state_of(row):
                raise RuntimeError(f"{row.kind} {row.id} was changed without being published")

    def check_flush(self) -> None:
        """The same for what `check_published` cannot see: aggregates written without their lock, or never published."""
        for row in [item for item in self.dirty if isinstance(item, Aggregate) and self.is_modified(item)]:
            if row.id not in self._locked:
                raise RuntimeError(f"{row.kind} {row.id} was changed without being published")
        for row in [item for item in self.new if isinstance(item, Aggregate) and item.version == 0]:
            raise RuntimeError(f"{row.kind} {row.id} was created without being published")


@event.listens_for(Session, "before_flush")
def _check_flush(session: Session, _flush: UOWTransaction, _instances: object) -> None:
    session.check_flush()
