"""Execution: home runs a party's signed command with the same function as its own, once, and answers once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import Index, delete, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from events.catalog import Texts
from events.entry import Position
from events.envelope import Envelope
from events.printing import printable_json
from shared.commands.forwarding import TOO_LATE, check_home
from shared.commands.registry import COMMANDS, Command
from shared.commands.validation import faults_of
from shared.core.calendar import read_moment
from shared.core.context import Context
from shared.core.errors import ConflictError, InvalidError, NotFoundError, ProblemError, UnavailableError
from shared.core.metrics import COMMANDS as COUNT
from shared.core.settings import LONGEST_COMMAND
from shared.database.rows import TenantRow
from shared.journal.sending import send
from shared.journal.session import Database, Session


class ExecutedCommand(TenantRow):
    """At home: a command that has been answered; the same one again gets the same answer and no effect."""

    __tablename__ = "executions"
    __table_args__ = (Index("ix_executions_old", "tenant_id", "executed_at"), {"schema": "shared"})

    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    answer: Mapped[dict[str, Any]]
    executed_at: Mapped[datetime]


KEPT = timedelta(seconds=2 * LONGEST_COMMAND)
"""After it a copy that still comes is refused: it expired long before."""
MOST = 10_000
CLOCKS = 86_400
"""Seconds by which the clocks of two tenants may differ."""
TOO_LONG = "expires_too_late"


@dataclass(frozen=True)
class _Order:
    """A verified command: who sent it, and the document with its texts."""

    sender: UUID
    id: UUID
    aggregate: UUID
    document: Mapping[str, Any]
    texts: Texts
    context: Context


def _read(envelope: Envelope, *, sender: UUID, home: UUID) -> _Order:
    """Raises KeyError, TypeError or ValueError for what is of another form."""
    document = envelope.document
    key, aggregate, expected = UUID(str(document["id"])), UUID(str(document["aggregate"])), document["expected"]
    context = Context(
        tenant_id=home,
        acting_id=sender,
        actor_id=str(document["actor"]),
        expected=None if expected is None else (aggregate, (Position(int(expected[0]), int(expected[1])),)),
        command={"document": dict(document), "signature": envelope.signature},
        correlation=envelope.correlation or str(key),
        trace=envelope.trace,
    )
    return _Order(sender, key, aggregate, document, envelope.texts, context)


def execute(database: Database, sender: UUID, *, home: UUID, envelope: Envelope) -> None:
    """Run the command that `sender` signed, as `home`; effect, record and answer are one transaction.

    A refusal rolls the effect back and is answered with its problem. Anything unexpected is raised: the caller
    retries, for a command that was not answered has had no effect.
    """
    order = _read(envelope, sender=sender, home=home)
    try:
        with database.session(order.context) as session:
            if _answered(session, order):
                return
            results = _run(session, order)
            _answer(session, order, results=results, problem=None)
        COUNT.labels("done").inc()
    except ProblemError as refusal:
        refuse(database, sender, home=home, envelope=envelope, problem=refusal)


def refuse(database: Database, sender: UUID, *, home: UUID, envelope: Envelope, problem: ProblemError) -> None:
    """Answer the command with `problem`; it has had and will have no effect."""
    order = _read(envelope, sender=sender, home=home)
    with database.session(order.context) as session:
        if not _answered(session, order):
            _answer(session, order, results=[], problem=problem)
    COUNT.labels("refused").inc()


def forget_executed(session: Session) -> None:
    """Drop the oldest answers kept for copies that may still come, some at a time.

    That a command was refused because it lasts too long is kept: it still would.
    """
    key, code = (ExecutedCommand.sender_id, ExecutedCommand.id), ExecutedCommand.answer["problem"]["code"].astext
    lasting = func.coalesce(code, "") == TOO_LONG
    old = select(*key).where(ExecutedCommand.executed_at <= session.clock.now() - KEPT, ~lasting).limit(MOST)
    session.execute(delete(ExecutedCommand).where(tuple_(*key).in_(old)))


def _answered(session: Session, order: _Order) -> bool:
    known = session.get(ExecutedCommand, (session.context.tenant_id, order.sender, order.id))
    if known is not None:
        _send(session, order, content=known.answer)
    return known is not None


def _run(session: Session, order: _Order) -> list[dict[str, Any]]:
    command = _command(order)
    check_home(session, session.context.tenant_id)
    now, expires_at = session.clock.now(), read_moment(str(order.document["expires_at"]))
    if (expires_at - now).total_seconds() > LONGEST_COMMAND + CLOCKS:
        raise InvalidError(
            TOO_LONG,
            f"有效期过长,最长 {LONGEST_COMMAND // 86_400} 天。请缩短后重新提交。",
            f"It would stay valid for more than {LONGEST_COMMAND // 86_400} days. Shorten that and submit it again.",
        )
    if now >= expires_at:
        raise ConflictError(
            TOO_LATE,
            "该操作到达时已超过有效期,未执行。请重新提交。",
            "This action reached the home tenant after it had expired and was not carried out. Submit it again.",
        )
    try:
        arguments = command.arguments(order.document["params"], order.texts)
    except ValidationError as error:
        raise InvalidError("invalid", "提交的内容不符合要求。", "The input is not valid.", faults_of(error)) from error
    command.run(session, order.aggregate, **arguments)
    # What else changed is told to the sender only where it takes part: of the rest it never hears, nor waits for it.
    known = [row for row in session.published if row.id == order.aggregate or order.sender in row.party_ids]
    return [{"aggregate": str(row.id), "epoch": row.epoch, "version": row.version} for row in known]


def _command(order: _Order) -> Command:
    found = COMMANDS.get(str(order.document["name"]))
    if found is None:
        raise NotFoundError.of("操作 / command", order.document["name"])
    return found


def _answer(session: Session, order: _Order, *, results: list[dict[str, Any]], problem: ProblemError | None) -> None:
    content = {
        "to": str(order.sender),
        "id": str(order.id),
        "aggregate": str(order.aggregate),
        "results": results,
        "problem": None if problem is None else _problem(problem),
    }
    session.add(ExecutedCommand(sender_id=order.sender, id=order.id, answer=content, executed_at=session.clock.now()))
    session.flush()
    _send(session, order, content=content)


def _problem(problem: ProblemError) -> dict[str, Any]:
    faults = [{"pointer": item.pointer, "zh": item.zh, "en": item.en} for item in problem.faults]
    # A fault may quote what the sender gave; what is kept and signed is what can be.
    said: dict[str, Any] = printable_json(
        {"status": problem.status, "code": problem.code, "zh": problem.zh, "en": problem.en, "faults": faults}
    )
    return said


def _send(session: Session, order: _Order, *, content: Mapping[str, Any]) -> None:
    # Keyed by the aggregate, so that the answer stands behind the entries it speaks of.
    send(session, "answer", content=content, about=str(order.document["name"]), key=order.aggregate)


def home_failed() -> ProblemError:
    """What is answered when a command fails here again and again."""
    return UnavailableError(
        "home_failed",
        "对方辖区的系统未能完成该操作,未产生任何影响。请稍后重试;如仍失败,请联系对方管理员。",
        "The home tenant's system could not carry this out; nothing was changed. Retry later, or ask its operator.",
    )
