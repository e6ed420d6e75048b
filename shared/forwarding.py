"""Forwarding: a party that is not home asks home to run a command, and keeps what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import instant
from shared.commands import Command, signable
from shared.documents import signed
from shared.errors import Fault, PreconditionError, ProblemError, from_status
from shared.model import Aggregate, TenantRow
from shared.outbox import enqueue, topic_name
from shared.progress import ProgressRow

if TYPE_CHECKING:
    from shared.db import Session
    from shared.keys import Signer

PENDING, DONE, REFUSED = "pending", "done", "refused"


class PendingCommand(TenantRow):
    """A command this tenant sent to another; `answer` is home's signed word."""

    __tablename__ = "commands"
    __table_args__ = {"schema": "shared"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    aggregate_id: Mapped[UUID]
    home_id: Mapped[UUID]
    actor_id: Mapped[str]
    state: Mapped[str]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]
    signature: Mapped[str | None]


@dataclass(frozen=True)
class Forwarded:
    """The command is on its way; `id` finds what becomes of it."""

    id: UUID


def run_or_forward(session: Session, command: Command, *, key: UUID, arguments: Mapping[str, Any]) -> Any:
    """Run the command here if this tenant is home, else send it there; returns the row or `Forwarded`.

    Raises `NotFoundError` when the tenant has no such thing, and whatever the command raises.
    """
    row = session.one(command.kind, key)
    if row.home_id == session.context.tenant_id:
        return command.run(session, key, **arguments)
    return forward(session, command, row=row, arguments=arguments)


def forward(
    session: Session, command: Command, *, row: Aggregate, arguments: Mapping[str, Any], by: Signer | None = None
) -> Forwarded:
    """Sign the command as this tenant (or `by` its cell, if vouched) and put it into the outbox for home's cell."""
    params, texts = signable(arguments)
    expected, pending = _expected(session, row), _pending(session, command, row=row)
    session.add(pending)
    session.flush()
    envelope = signed(
        session, "command", content={**_content(pending, params=params), "expected": expected}, texts=texts, by=by
    )
    service = command.name.split(".")[0]
    topics = {topic_name(cell, service, kind="commands") for cell in session.directory.cells(session, [row.home_id])}
    enqueue(session, topics, envelope=envelope, key=row.id)
    return Forwarded(pending.id)


def _pending(session: Session, command: Command, *, row: Aggregate) -> PendingCommand:
    now = session.clock.now()
    return PendingCommand(
        id=uuid4(),
        name=command.name,
        kind=row.kind,
        aggregate_id=row.id,
        home_id=row.home_id,
        actor_id=session.context.actor_id,
        state=PENDING,
        sent_at=now,
        expires_at=now + timedelta(seconds=session.settings.command_seconds),
    )


def _content(pending: PendingCommand, *, params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "to": str(pending.home_id),
        "id": str(pending.id),
        "name": pending.name,
        "aggregate": str(pending.aggregate_id),
        "actor": pending.actor_id,
        "params": params,
        "expires_at": instant(pending.expires_at),
    }


def _expected(session: Session, row: Aggregate) -> list[int] | None:
    """The one position that home shall find: of several the one known here, else the newest. Raises for none."""
    expected = session.context.expected
    if expected is None or expected[0] != row.id:
        return None
    if not expected[1]:
        raise PreconditionError.changed(row.etag)
    return list(row.position if row.position in expected[1] else max(expected[1]))


def keep_answer(session: Session, home: UUID, *, document: Mapping[str, Any], signature: str) -> None:
    """Keep home's answer to a pending command; a second answer changes nothing."""
    pending = session.get(PendingCommand, (session.context.tenant_id, UUID(document["id"])), with_for_update=True)
    if pending is None or pending.home_id != home or pending.state != PENDING:
        return
    pending.state = DONE if document["problem"] is None else REFUSED
    pending.answer, pending.signature = dict(document), signature
    pending.answered_at = session.clock.now()


def settled(session: Session, pending: PendingCommand) -> bool:
    """Whether the answer is here and everything it names has been applied here too."""
    if pending.answer is None:
        return False
    results = {UUID(item["aggregate"]): (item["epoch"], item["version"]) for item in pending.answer["results"]}
    rows = session.scalars(select(ProgressRow).where(ProgressRow.aggregate_id.in_(results)))
    reached = {row.aggregate_id: row.position for row in rows}
    return all(reached.get(key, (0, 0)) >= position for key, position in results.items())


def refusal_of(answer: Mapping[str, Any]) -> ProblemError | None:
    """The refusal in an answer as the error it was at home, or None."""
    problem = answer["problem"]
    if problem is None:
        return None
    faults = [Fault(item["pointer"], item["zh"], item["en"]) for item in problem["faults"]]
    return from_status(problem["status"])(problem["code"], problem["zh"], problem["en"], faults)
