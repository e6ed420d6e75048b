"""The worker: one Kafka consumer over all topics of its cell; offsets are committed after the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from threading import Event
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session as OrmSession

from events.envelope import Envelope, MalformedMessageError, decode
from events.foreign import MALFORMED
from shared.broadcasts.cells import CELL_KINDS, cell_id, sending_cell
from shared.broadcasts.hearing import hear_cell
from shared.commands.execution import execute, home_failed, refuse
from shared.commands.forwarding import keep_answer
from shared.commands.handlers import (
    ReceivedEvent,
    Since,
    broadcast_since,
    broadcasts_received,
    defer,
    in_parts,
    react_everywhere,
)
from shared.core.context import machine_context
from shared.core.errors import ProblemError
from shared.core.log import logger
from shared.database.rows import AGGREGATES, Aggregate
from shared.journal.session import Database
from shared.keys.directory import DirectoryRow, KeyUnknownError, WrongSignatureError
from shared.keys.documents import recipient_of, sender_of
from shared.keys.verification import VerifiedEntry, check_known, verify_entry
from shared.messaging.quotas import TOLD, Quotas
from shared.messaging.rejecting import Record, Rejects
from shared.replication.announcing import notice_heads
from shared.replication.applying import APPLIED_CHANNEL, apply_entries
from shared.replication.erasing import erase_as_asked
from shared.replication.parking import park
from shared.replication.receipts import keep_receipt
from shared.replication.registers import apply_to_register, tenants_here
from shared.replication.rejected import RejectedByPartyError
from shared.replication.resync import tell_again

ATTEMPTS = 3
POISON = (*MALFORMED, DataError, IntegrityError)
"""What one message may be to blame for: it would fail again every time. Anything else is the worker's own trouble."""
MOST_PARKED_IN_A_ROW = 20
"""So many failures in a row are no poison but a broken worker: it stops instead of parking the world."""


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

    def __post_init__(self) -> None:
        self.rejects = Rejects(self.database)
        self.quotas = Quotas(self.database.clock)

    def handle(self, records: Iterable[Record]) -> list[Record]:
        """Take a batch; when this returns, its effects are committed. Raises only when waiting or mending may help.

        Returns the records that wait because the directory does not hold the key (yet) that signed them.
        """
        entries: list[VerifiedEntry] = []
        documents: list[tuple[Record, Envelope]] = []
        waiting: list[Record] = []
        with self.database.cell_session() as session:
            for record in records:
                sort = partial(self._sort, session, record, entries=entries, documents=documents)
                self._guarded(record, waiting, effect=sort)
        self._apply(entries)
        self._react_everywhere(broadcasts_received(entries))
        # Somebody waits for an answer; commands take longest.
        documents.sort(key=lambda one: one[1].kind != "answer")
        for record, envelope in documents:
            self._guarded(record, waiting, effect=partial(self._handle_document, envelope))
        return waiting

    def _guarded(self, record: Record, waiting: list[Record], *, effect: Callable[[], None]) -> None:
        try:
            effect()
        except KeyUnknownError as error:
            waiting.append(record)
            self.rejects.keep(record, error)
        except (WrongSignatureError, ProblemError, *POISON) as error:
            self.rejects.keep(record, error)

    def _sort(
        self,
        session: OrmSession,
        record: Record,
        *,
        entries: list[VerifiedEntry],
        documents: list[tuple[Record, Envelope]],
    ) -> None:
        envelope = decode(record.value)
        check_known(envelope)
        if envelope.kind == "entry":
            verified = self._verified(session, envelope, value=record.value or b"")
            entries.append(replace(verified, record=record))
        else:
            documents.append((record, envelope))

    def _verified(self, session: OrmSession, envelope: Envelope, *, value: bytes) -> VerifiedEntry:
        verified = verify_entry(session, self.database.directory, envelope=envelope, value=value)
        kind = AGGREGATES.get(verified.entry.aggregate_type)
        if kind is not None and kind.register is not None:
            self._register(session, kind, verified=verified)
        return verified

    def _register(self, session: OrmSession, kind: type[Aggregate], *, verified: VerifiedEntry) -> None:
        try:
            # One that the database refuses takes none of its batch with it.
            with session.begin_nested():
                apply_to_register(session, kind, verified=verified, now=self.database.clock.now())
                if kind.register is DirectoryRow:
                    self.database.directory.refresh(session)
        except POISON as error:
            raise MalformedMessageError(f"{kind.kind} {verified.aggregate}: {error!r}") from error

    def _apply(self, entries: Sequence[VerifiedEntry]) -> None:
        by_tenant: dict[UUID, list[VerifiedEntry]] = {}
        with self.database.cell_session() as session:
            for verified in entries:
                for tenant in self.database.directory.hosted(session, verified.entry.audience):
                    by_tenant.setdefault(tenant, []).append(verified)
        for tenant, items in by_tenant.items():
            self._apply_for(tenant, items)

    def _apply_for(self, tenant: UUID, entries: Sequence[VerifiedEntry]) -> None:
        try:
            self._in_tenant(tenant, lambda session: apply_entries(session, entries))
        except Exception as error:
            if _database_is_away(error):
                raise
            # One aggregate is at fault: run each alone, so that the others flow.
            for aggregate in dict.fromkeys(verified.aggregate for verified in entries):
                self._apply_alone(tenant, [item for item in entries if item.aggregate == aggregate])

    def _apply_alone(self, tenant: UUID, entries: Sequence[VerifiedEntry]) -> None:
        def effect() -> None:
            self._in_tenant(tenant, lambda session: apply_entries(session, entries))
            self._parked_in_a_row = 0

        self._try(effect, otherwise=lambda error: self._park(tenant, entries, error=error))

    def _try(self, effect: Callable[[], object], *, otherwise: Callable[[Exception], object]) -> None:
        """Do it, a few times if need be; what keeps failing ends in `otherwise`. Raises when the database is away."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                effect()
            except Exception as error:
                if _database_is_away(error):
                    raise
                logger("worker").warning("attempt_failed", attempt=attempt, exc_info=error)
                # What home says does not become true by looking again.
                if attempt == ATTEMPTS or isinstance(error, RejectedByPartyError):
                    otherwise(error)
                    return
                self.stopping.wait(0.05 * attempt)
            else:
                return

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
            if _database_is_away(error):
                raise
            # One aggregate is at fault: run each alone, so that the others are heard.
            for _key, items in groupby(received, key=lambda one: one.entry.aggregate):
                self._react_alone(tenant, list(items))

    def _react_alone(self, tenant: UUID, received: Sequence[ReceivedEvent[Any]]) -> None:
        def wait(error: Exception) -> None:
            logger("worker").error("reaction_put_off", tenant=str(tenant), aggregate=str(received[0].entry.aggregate),
                                   reason=repr(error), exc_info=error)  # fmt: skip
            self._in_tenant(tenant, lambda session: defer(session, received))

        self._try(partial(self._in_tenant, tenant, lambda session: react_everywhere(session, received)), otherwise=wait)

    def _park(self, tenant: UUID, entries: Sequence[VerifiedEntry], *, error: Exception) -> None:
        logger("worker").error("aggregate_parked", tenant=str(tenant), aggregate=str(entries[0].aggregate),
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

    def _handle_document(self, envelope: Envelope) -> None:
        if envelope.kind in CELL_KINDS:
            self._hear(envelope)
            return
        with self.database.cell_session() as session:
            sender = sender_of(session, self.database.directory, envelope=envelope)
            recipient = recipient_of(envelope)
            here = self.database.directory.hosted(session, [recipient])
        if here and self.quotas.take(sender, envelope.kind):
            self._settle(envelope, partial(self._deliver, envelope, sender, recipient=recipient))

    def _hear(self, envelope: Envelope) -> None:
        name = sending_cell(self.database.settings, envelope)
        sender = cell_id(name)

        def hear() -> None:
            self.quotas.spend(sender, TOLD, amount=hear_cell(self.database, name, envelope=envelope))

        if self.quotas.take(sender, envelope.kind):
            self._settle(envelope, hear)

    def _settle(self, envelope: Envelope, deliver: Callable[[], object]) -> None:
        try:
            try:
                deliver()
            except IntegrityError:
                # Somebody may have written the same row at the same moment: now it is known.
                deliver()
        except POISON as error:
            # Signed, yet not of the form this code knows: nothing can be made of it here.
            raise MalformedMessageError(f"{envelope.kind}: {error!r}") from error

    def _deliver(self, envelope: Envelope, sender: UUID, *, recipient: UUID) -> None:
        document, signature = envelope.document, envelope.signature
        if envelope.kind == "command":
            self._execute(envelope, sender, home=recipient)
        elif envelope.kind == "answer":
            self._in_tenant(
                recipient,
                lambda session: keep_answer(session, sender, document=document, signature=signature),
                wake=True,
            )
        elif envelope.kind == "receipt":
            self._in_tenant(
                recipient, lambda session: keep_receipt(session, sender, document=document, signature=signature)
            )
        elif envelope.kind == "resync":
            self._in_tenant(
                recipient,
                lambda session: self.quotas.spend(sender, TOLD, amount=tell_again(session, sender, document=document)),
            )
        elif envelope.kind == "erasure":
            self._in_tenant(recipient, lambda session: erase_as_asked(session, sender, document=document))
        elif envelope.kind == "head":
            self._in_tenant(recipient, lambda session: notice_heads(session, sender, document=document))

    def _execute(self, envelope: Envelope, sender: UUID, *, home: UUID) -> None:
        def give_up(error: Exception) -> None:
            logger("worker").error("command_failed", command=str(envelope.document.get("id")), exc_info=error)
            refuse(self.database, sender, home=home, envelope=envelope, problem=home_failed())

        self._try(partial(execute, self.database, sender, home=home, envelope=envelope), otherwise=give_up)

    def _in_tenant(self, tenant: UUID, effect: Callable[[Any], object], *, wake: bool = False) -> None:
        with self.database.session(machine_context(tenant, "worker")) as session:
            effect(session)
            if wake:
                session.wake(APPLIED_CHANNEL, str(tenant))


def _database_is_away(error: Exception) -> bool:
    """Whether waiting may help: no connection, no place in the pool, a lock that was not granted."""
    return isinstance(error, PoolTimeoutError | OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
