"""Sessions that publish: what a tenant changes goes into its journal and outbox with the change, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import UOWTransaction, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state

from events.canonical import Json, plain
from events.catalog import Change
from events.entry import Actor, Entry, Position
from events.text import FreeText
from shared.core.context import Context
from shared.core.errors import PreconditionError
from shared.core.log import logger
from shared.database.connections import Connections
from shared.database.many import add
from shared.database.rows import Aggregate, kept_columns, state_of, table_of
from shared.database.session import TenantSession
from shared.journal import entries
from shared.journal.entries import Publication
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

    _undone: ClassVar[tuple[str, ...]] = (
        "_woken", "afterwards", "_inserted", "published", "locked_parties", "_states", "_rows",
    )  # fmt: skip

    def __init__(self, database: Database, context: Context) -> None:
        super().__init__(database, context)
        self.directory = database.directory
        self.keyring = database.keyring
        self.published: list[Aggregate] = []
        self.locked_parties: dict[UUID, tuple[UUID, ...]] = {}
        """Of each aggregate that is locked: its parties as they were recorded last."""
        self._states: dict[UUID, dict[str, Json]] = {}
        """The state of each aggregate as it was published last, or found."""
        self.found: dict[UUID, tuple[Position, dict[str, Json]]] = {}
        """The version and state of each aggregate as it was when it was locked."""
        self.expected: tuple[UUID, tuple[Position, ...]] | None = None
        """What `If-Match` named: a change of this aggregate is refused unless it is at one of these positions."""
        # Held here, for SQLAlchemy forgets a row that nobody refers to, and with it that it was changed.
        self._rows: dict[UUID, Aggregate] = {}

    @property
    def signer(self) -> Signer:
        """The tenant's newest active key; raises `UnavailableError` when it has none yet."""
        return self.keyring.signer(self)

    def locked(self, kind: type[A], key: UUID, *, by: Actor | None = None) -> A:
        """The row, locked until the transaction ends; raises `NotFoundError`, or `PreconditionError` on If-Match.

        `by` is who acts, where that is not the context's actor.
        """
        if key in self.locked_parties and isinstance(known := self._rows[key], kind):
            # Reading it again would throw away what this transaction has already changed.
            return known
        found, expected = self.one(kind, key, lock=True, by=by), self.expected
        position = Position(found.epoch, found.version)
        if expected is not None and expected[0] == key and position not in expected[1]:
            raise PreconditionError.changed(found.etag)
        self.locked_parties[key], self._rows[key] = tuple(found.party_ids), found
        self._states[key] = state_of(found)
        self.found[key] = position, self._states[key]
        return found

    def create(self, kind: type[A], *, parties: Sequence[UUID], nonce: str | None = None, **fields: Any) -> A:
        """A new aggregate whose home is this tenant; it exists for others once it is published."""
        row = entries.born(self, kind, parties=parties, nonce=nonce, fields=fields)
        self.locked_parties[row.id], self._rows[row.id] = (), row
        return row

    def publish(self, row: Aggregate, change: Change, *, by: Actor | None = None) -> None:
        """Write row, journal entry and outbox; refuses an aggregate that is not locked in this transaction.

        `by` is who acts, where that is not the context's actor: then it is no part of the command that is executed.
        """
        self.publish_all([(row, change)], by=by)

    def publish_all(self, changes: Sequence[tuple[Aggregate, Change]], *, by: Actor | None = None) -> None:
        """The same for many rows, each of them once, with one statement per table instead of one per row.

        Raises `InvalidError` when a state is too large.
        """
        items, signer = list[Publication](), self.signer
        for row, change in changes:
            if row.id not in self.locked_parties:
                raise RuntimeError(f"{row.kind} {row.id} is published without its lock")
            if row.home_id != self.context.tenant_id:
                raise RuntimeError(f"{row.kind} {row.id} is written outside its home")
            items.append(self._advance(row, change, signer=signer, by=by))
        for item in items:
            self.update(item.row)
        self.flush()
        new = [item.row for item in items if instance_state(item.row).key is None]
        for kind, rows in groupby(sorted(new, key=attrgetter("kind")), type):
            columns = kept_columns(kind)
            self.write(add(table_of(kind)), [{name: vars(row)[key] for name, key in columns.items()} for row in rows])
        for row in new:
            # The ORM's own way to insert costs several times what the statement does.
            make_transient_to_detached(row)
        self.add_all(new)
        self._inserted += new
        entries.record(self, items, directory=self.directory)
        known = {row.id for row in self.published}
        self.published += [item.row for item in items if item.row.id not in known]
        for item in items:
            self._states[item.row.id], self.locked_parties[item.row.id] = item.state, tuple(item.row.party_ids)

    def _advance(self, row: Aggregate, change: Change, *, signer: Signer, by: Actor | None) -> Publication:
        """The row at its next version, with the signed entry that says so."""
        before, staying = set(self.locked_parties[row.id]), self.directory.staying(self, row.party_ids)
        if len(staying) < len(row.party_ids):
            # Told once more, by the entry that names it as having left, and addressed no longer.
            row.party_ids = [tenant for tenant in row.party_ids if tenant in staying or tenant == row.home_id]
        row.version, row.updated_at = row.version + 1, self.clock.now()
        parties, texts, state = set(row.party_ids), dict[str, FreeText](), state_of(row)
        entry = Entry(
            aggregate=row.id,
            aggregate_type=row.kind,
            home=row.home_id,
            epoch=row.epoch,
            version=row.version,
            type=change.type,
            change=plain(change, texts),
            state_version=row.state_version,
            state_hash=entries.state_hash(state),
            previous=row.entry_hash or None,
            nonce=entries.nonce_of(self, row) if row.register or not parties <= before else None,
            parties=tuple(sorted(parties)),
            joined=tuple(sorted(parties - before)),
            left=tuple(sorted(before - parties)),
            actor=by or self.context.actor,
            command=None if by else self.context.command,
            occurred_at=row.updated_at,
            key=signer.key,
        )
        row.entry_hash = entry.hash
        return Publication(row, entry, signer.sign_bytes(entry.canonical), state, texts)

    def check_published(self) -> None:
        """A changed aggregate that was not published would never reach its parties: stop the commit instead."""
        for row in self._rows.values():
            if self._states.get(row.id) != state_of(row):
                raise RuntimeError(f"{row.kind} {row.id} was changed without being published")


@event.listens_for(Session, "before_flush")
def _check_flush(session: Session, _flush: UOWTransaction, _instances: object) -> None:
    """The same for what `check_published` cannot see: aggregates written without their lock, or never published."""
    for row in session.dirty:
        if isinstance(row, Aggregate) and row.id not in session.locked_parties and session.is_modified(row):
            raise RuntimeError(f"{row.kind} {row.id} was changed without being published")
    for row in session.new:
        if isinstance(row, Aggregate) and row.version == 0:
            raise RuntimeError(f"{row.kind} {row.id} was created without being published")
