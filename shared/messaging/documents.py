"""Signed documents: each kind has the one function that takes it in, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Event
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from events.envelope import Envelope, MalformedMessageError
from shared.broadcasts.cells import CELL_KINDS, cell_id, sending_cell
from shared.broadcasts.receiving import receive_from_cell
from shared.commands.execution import execute, home_failed
from shared.commands.forwarding import keep_answer
from shared.core.context import machine_context
from shared.core.log import logger
from shared.journal.session import Database
from shared.keys.documents import parties_of
from shared.messaging.attempts import POISON, attempt
from shared.messaging.quotas import RESENT, Quotas
from shared.replication.announcing import notice_heads
from shared.replication.erasing import erase_as_asked
from shared.replication.receipts import keep_receipt
from shared.replication.resync import resend

TAKEN_IN_BY: Mapping[str, Callable[..., int | None]] = {
    "answer": keep_answer,
    "receipt": keep_receipt,
    "resync": resend,
    "erasure": erase_as_asked,
    "head": notice_heads,
}
"""By kind: `function(session, sender, envelope)` in the recipient's session; it may say how many messages it took."""


@dataclass
class Documents:
    """Takes in what tenants and cells sign beside entries."""

    database: Database
    stopping: Event

    def __post_init__(self) -> None:
        self.quotas = Quotas(self.database.clock)

    def take(self, envelope: Envelope) -> None:
        """Take it in; when this returns, its effect is committed. Raises for what proves nothing or has no form."""
        deliver: Callable[[], int | None]
        if envelope.kind in CELL_KINDS:
            name = sending_cell(self.database.settings, envelope)
            sender, deliver = cell_id(name), partial(receive_from_cell, self.database, name, envelope=envelope)
        else:
            with self.database.cell_session() as session:
                sender, recipient = parties_of(session, self.database.directory, envelope=envelope)
                if not self.database.directory.hosted(session, [recipient]):
                    return
            deliver = partial(self._deliver, envelope, sender, recipient=recipient)
        if not self.quotas.admit(sender, envelope.kind):
            return
        try:
            try:
                resent = deliver()
            except IntegrityError:
                # Somebody may have written the same row at the same moment: now it is known.
                resent = deliver()
        except POISON as error:
            # Signed, yet not of the form this code knows: nothing can be made of it here.
            raise MalformedMessageError(f"{envelope.kind}: {error!r}") from error
        if resent:
            self.quotas.spend(sender, RESENT, amount=resent)

    def _deliver(self, envelope: Envelope, sender: UUID, *, recipient: UUID) -> int | None:
        if envelope.kind == "command":
            run = partial(execute, self.database, sender, home=recipient, envelope=envelope)
            attempt(run, otherwise=partial(self._give_up, envelope, run=run), stopping=self.stopping)
            return None
        with self.database.session(machine_context(recipient, "worker")) as session:
            return TAKEN_IN_BY[envelope.kind](session, sender, envelope=envelope)

    def _give_up(self, envelope: Envelope, error: Exception, *, run: Callable[..., None]) -> None:
        logger("worker").error("command_failed", command=str(envelope.document.get("id")), exc_info=error)
        run(refusal=home_failed())
