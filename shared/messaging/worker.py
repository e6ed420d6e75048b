"""The worker: one Kafka consumer over all topics of its cell; offsets are committed after the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from queue import SimpleQueue
from threading import Event
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as OrmSession

from events.envelope import Envelope, MalformedMessageError, decode
from shared.commands.handlers import (
    ReceivedEvent,
    Since,
    broadcast_since,
    broadcasts_received,
    defer,
    in_parts,
    react_everywhere,
)
from shared.commands.reacting import react
from shared.core.context import machine_context
from shared.core.errors import ProblemError
from shared.core.log import logger
from shared.database.rows import AGGREGATES
from shared.journal.reactions import Turn, listening
from shared.journal.session import Database
from shared.keys.directory import DirectoryRow, KeyUnknownError, WrongSignatureError
from shared.keys.verification import VerifiedEntry, check_known, verify_entry
from shared.messaging.attempts import POISON, attempt, database_is_away
from shared.messaging.documents import Documents
from shared.messaging.rejecting import Record, Rejects
from shared.replication.applying import apply_entries
from shared.replication.parking import park
from shared.replication.receipts import confirm
from shared.replication.registers import apply_to_register, tenants_here
from shared.replication.rejected import RejectedByPartyError

MOST_PARKED_IN_A_ROW = 20
"""So many failures in a row are no poison but a broken worker: it stops instead of parking the world."""


REFUSED = (KeyUnknownError, WrongSignatureError, ProblemError, *POISON)
"""What a message may be to blame for, before it has any effect."""


class Proven(NamedTuple):
    """A batch whose senders are proven, without effects yet but in registers; documents are proven one by one later."""

    entries: list[VerifiedEntry]
    documents: list[tuple[Record, Envelope]]
    waiting: list[Record]
    """Those whose keys nobody knows yet."""


class TooManyParkedError(Exception):
    """The worker stops: see `xietong parked`."""


@dataclass
class Worker:
    """Applies what arrives for the tenants of this cell.

    Exactly-once effect rests on versions and command ids in PostgreSQL: a record may come any number of times.
    """

    database: Database
    stopping: Event = field(default_factory=Event)
    _parked_in_a_row: int = 0
    _unconfirmed: SimpleQueue[tuple[UUID, set[UUID]]] = field(default_factory=SimpleQueue)
    """Aggregates with which a tenant here has come on since homes were told."""

    def __post_init__(self) -> None:
        self.rejects = Rejects(self.database)
        self.documents = Documents(self.database, self.stopping)

    def handle(self, records: Iterable[Record]) -> list[Record]:
        """Take a batch; when this returns, its effects are committed. Raises only when waiting or mending may help.

        Returns the records that wait because the directory does not hold the key (yet) that signed them.
        """
        return self.apply(self.verify(records))

    def verify(self, records: Iterable[Record]) -> Proven:
        """Prove what each says and put what is broadcast into its register; it may run while another batch is applied.

        Whoever verifies batches verifies them in their order: one may bring the key that the next needs.
        """
        proven = Proven([], [], [])
        with self.database.cell_session() as session:
            for record in records:
                try:
                    taken = self._verified(session, record)
                except REFUSED as error:
                    self._reject(record, proven.waiting, error=error)
                    continue
                if isinstance(taken, VerifiedEntry):
                    proven.entries.append(taken)
                else:
                    proven.documents.append((record, taken))
        return proven

    def apply(self, proven: Proven) -> list[Record]:
        """Give what was verified its effects; when this returns, they are committed."""
        self._apply(proven.entries)
        if since := broadcasts_received(proven.entries):
            self._react_everywhere(since)
        # Somebody waits for an answer; commands take longest.
        for record, envelope in sorted(proven.documents, key=lambda one: one[1].kind != "answer"):
            try:
                self.documents.take(envelope)
            except REFUSED as error:
                self._reject(record, proven.waiting, error=error)
        return proven.waiting

    def confirm(self) -> None:
        """Tell homes how far tenants here have come since they were told last, each of them once.

        Homes ask for what fails, or is forgotten with this process: they repeat where they stand until it is confirmed.
        """
        came_on: dict[UUID, set[UUID]] = {}
        while not self._unconfirmed.empty():
            tenant, aggregates = self._unconfirmed.get()
            came_on.setdefault(tenant, set()).update(aggregates)
        for tenant, keys in came_on.items():
            try:
                self._in_tenant(tenant, partial(confirm, aggregates=keys))
            except Exception:  # noqa: BLE001 - one tenant's trouble is not another's
                logger("worker").exception("not_confirmed", tenant=str(tenant))

    def _verified(self, session: OrmSession, record: Record) -> VerifiedEntry | Envelope:
        """The entry, verified, and in its register if it is broadcast; of other documents what was sent."""
        envelope = decode(record.value)
        check_known(envelope)
        if envelope.kind != "entry":
            return envelope
        directory, value = self.database.directory, record.value or b""
        verified = verify_entry(session, directory, envelope=envelope, value=value, record=record)
        kind = AGGREGATES.get(verified.entry.aggregate_type)
        if kind is None or kind.register is None:
            return verified
        try:
            # One that the database refuses takes none of its batch with it.
            with session.begin_nested():
                apply_to_register(session, kind, verified=verified, now=self.database.clock.now())
                if kind.register is DirectoryRow:
                    self.database.directory.refresh(session)
        except POISON as error:
            raise MalformedMessageError(f"{kind.kind} {verified.entry.aggregate}: {error!r}") from error
        return verified

    def _reject(self, record: Record, waiting: list[Record], *, error: Exception) -> None:
        if isinstance(error, KeyUnknownError):
            waiting.append(record)
        self.rejects.keep(record, error)

    def _by_tenant(self, entries: Sequence[VerifiedEntry]) -> dict[UUID, list[VerifiedEntry]]:
        """The entries that each tenant here takes in, in their order; home only what a handler there listens to."""
        by_tenant: dict[UUID, list[VerifiedEntry]] = {}
        hosted: dict[tuple[str, ...], list[UUID]] = {}
        with self.database.cell_session() as session:
            for verified in entries:
                entry = verified.entry
                # Many are for the same, and texts are compared faster than ids.
                readers = (*entry.document["parties"], *entry.document["left"])
                if readers not in hosted:
                    hosted[readers] = self.database.directory.hosted(session, entry.audience)
                for tenant in hosted[readers]:
                    if tenant != entry.home or listening(entry, tenant):
                        by_tenant.setdefault(tenant, []).append(verified)
        return by_tenant

    def _apply(self, entries: Sequence[VerifiedEntry]) -> None:
        turns: dict[UUID, list[Turn]] = {}
        for tenant, items in self._by_tenant(entries).items():
            try:
                with self.database.session(machine_context(tenant, "worker")) as session:
                    turns[tenant] = apply_entries(session, items)
                self._unconfirmed.put((tenant, {verified.entry.aggregate for verified in items}))
            except Exception as error:
                if database_is_away(error):
                    raise
                # One aggregate is at fault: run each alone, so that the others flow.
                turns[tenant] = []
                for aggregate in dict.fromkeys(verified.entry.aggregate for verified in items):
                    alone = [verified for verified in items if verified.entry.aggregate == aggregate]
                    turns[tenant] += self._apply_alone(tenant, alone)
        for tenant, waiting in turns.items():
            if waiting:
                react(self.database, tenant, turns=waiting)

    def _apply_alone(self, tenant: UUID, entries: Sequence[VerifiedEntry]) -> list[Turn]:
        turns: list[Turn] = []

        def effect() -> None:
            with self.database.session(machine_context(tenant, "worker")) as session:
                found = apply_entries(session, entries)
            turns.extend(found)
            self._unconfirmed.put((tenant, {entries[0].entry.aggregate}))
            self._parked_in_a_row = 0

        park = partial(self._park, tenant, entries=entries)
        attempt(effect, otherwise=park, stopping=self.stopping)
        return turns

    def _react_everywhere(self, since: Since) -> None:
        """What every tenant here makes of broadcasts, after they are in their registers."""
        for part in in_parts(since):
            with self.database.cell_session() as session:
                tenants = tenants_here(session, self.database.settings.cell)
                received = broadcast_since(session, part)
            for tenant in tenants:
                self._react_in(tenant, received)

    def _react_in(self, tenant: UUID, received: Sequence[ReceivedEvent[Any]]) -> None:
        try:
            self._in_tenant(tenant, lambda session: react_everywhere(session, received))
        except Exception as error:
            if database_is_away(error):
                raise
            # One aggregate is at fault: run each alone, so that the others are heard.
            for _key, items in groupby(received, key=lambda one: one.entry.aggregate):
                self._react_alone(tenant, list(items))

    def _react_alone(self, tenant: UUID, received: Sequence[ReceivedEvent[Any]]) -> None:
        def wait(error: Exception) -> None:
            logger("worker").error("reaction_deferred", tenant=str(tenant), aggregate=str(received[0].entry.aggregate),
                                   reason=repr(error), exc_info=error)  # fmt: skip
            self._in_tenant(tenant, lambda session: defer(session, received))

        run = partial(self._in_tenant, tenant, lambda session: react_everywhere(session, received))
        attempt(run, otherwise=wait, stopping=self.stopping)

    def _park(self, tenant: UUID, error: Exception, *, entries: Sequence[VerifiedEntry]) -> None:
        logger("worker").error("aggregate_parked", tenant=str(tenant), aggregate=str(entries[0].entry.aggregate),
                               reason=repr(error), exc_info=error)  # fmt: skip
        try:
            self._in_tenant(tenant, lambda session: park(session, entries, reason=repr(error)))
        except POISON as worse:
            # Not even where it stands can be written down.
            for verified in entries:
                self.rejects.keep(verified.record, worse)
            return
        if isinstance(error, RejectedByPartyError):
            # The worker is sound: no home stops it by what it says.
            return
        self._parked_in_a_row += 1
        if self._parked_in_a_row >= MOST_PARKED_IN_A_ROW:
            raise TooManyParkedError(f"{self._parked_in_a_row} aggregates in a row could not be applied: {error!r}")

    def _in_tenant(self, tenant: UUID, effect: Callable[[Any], object]) -> None:
        with self.database.session(machine_context(tenant, "worker")) as session:
            effect(session)
