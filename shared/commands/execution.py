"""Execution: home runs a party's signed command with the same function as its own, once, and answers once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import Index, delete, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Position
from events.envelope import Envelope
from events.printing import printable_json
from shared.commands.forwarding import TOO_LATE, check_home
from shared.commands.registry import COMMANDS, restored
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


def execute(
    database: Database, sender: UUID, *, home: UUID, envelope: Envelope, refusal: ProblemError | None = None
) -> None:
    """Run the command that `sender` signed, as `home`, or refuse it; effect, record and answer are one transaction.

    What the command refuses rolls its effect back and is answered with its problem. Anything unexpected is raised: the
    caller retries, for a command that was not answered has had no effect. Raises KeyError, TypeError or ValueError for
    what is of another form.
    """
    document, aggregate = envelope.document, UUID(str(envelope.document["aggregate"]))
    expected = document["expected"]
    position = None if expected is None else Position(int(expected[0]), int(expected[1]))
    key, about, context = UUID(str(document["id"])), str(document["name"]), _context(envelope, sender=sender, home=home)
    try:
        with database.session(context) as session:
            session.expected = None if position is None else (aggregate, (position,))
            known = session.get(ExecutedCommand, (home, sender, key))
            is_new = known is None
            if known is None:
                results = [] if refusal is not None else _run(session, envelope, sender=sender)
                problem = None if refusal is None else _problem(refusal)
                answer = {"to": str(sender), "id": str(key), "aggregate": str(aggregate), "results": results,
                          "problem": problem}  # fmt: skip
                known = ExecutedCommand(sender_id=sender, id=key, answer=answer, executed_at=session.clock.now())
                session.add(known)
                session.flush()
            # Keyed by the aggregate, so that the answer stands behind the entries it speaks of.
            send(session, "answer", content=known.answer, about=about, key=aggregate)
        if is_new:
            COUNT.labels("done" if refusal is None else "refused").inc()
    except ProblemError as error:
        if refusal is not None:
            raise
        execute(database, sender, home=home, envelope=envelope, refusal=error)


def _context(envelope: Envelope, *, sender: UUID, home: UUID) -> Context:
    document = envelope.document
    return Context(
        tenant_id=home,
        acting_id=sender,
        actor_id=str(document["actor"]),
        command={"document": dict(document), "signature": envelope.signature},
        correlation=envelope.correlation or str(UUID(str(document["id"]))),
        trace=envelope.trace,
    )


def _run(session: Session, envelope: Envelope, *, sender: UUID) -> list[dict[str, Any]]:
    document = envelope.document
    command, aggregate = COMMANDS.get(str(document["name"])), UUID(str(document["aggregate"]))
    if command is None:
        raise NotFoundError.of("操作 / command", document["name"])
    check_home(session, session.context.tenant_id)
    now, expires_at = session.clock.now(), read_moment(str(document["expires_at"]))
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
        arguments = command.drafts[0]().load(restored(document["params"], envelope.texts))
    except ValidationError as error:
        raise InvalidError("invalid", "提交的内容不符合要求。", "The input is not valid.", faults_of(error)) from error
    command.run(session, aggregate, **arguments)
    # What else changed is told to the sender only where it takes part: of the rest it never hears, nor waits for it.
    known = [row for row in session.published if row.id == aggregate or sender in row.party_ids]
    return [{"aggregate": str(row.id), "epoch": row.epoch, "version": row.version} for row in known]


def _problem(problem: ProblemError) -> dict[str, Any]:
    faults = [{"pointer": item.pointer, "zh": item.zh, "en": item.en} for item in problem.faults]
    # A fault may quote what the sender gave; what is kept and signed is what can be.
    kept: dict[str, Any] = printable_json(
        {"status": problem.status, "code": problem.code, "zh": problem.zh, "en": problem.en, "faults": faults}
    )
    return kept


def forget_executed(session: Session) -> None:
    """Drop the oldest answers kept for copies that may still come, some at a time.

    That a command was refused because it lasts too long is kept: it still would.
    """
    key, code = (ExecutedCommand.sender_id, ExecutedCommand.id), ExecutedCommand.answer["problem"]["code"].astext
    lasting = func.coalesce(code, "") == TOO_LONG
    old = select(*key).where(ExecutedCommand.executed_at <= session.clock.now() - KEPT, ~lasting).limit(MOST)
    session.execute(delete(ExecutedCommand).where(tuple_(*key).in_(old)))


def home_failed() -> ProblemError:
    """What is answered when a command fails here again and again."""
    return UnavailableError(
        "home_failed",
        "对方辖区的系统未能完成该操作,未产生任何影响。请稍后重试;如仍失败,请联系对方管理员。",
        "The home tenant's system could not carry this out; nothing was changed. Retry later, or ask its operator.",
    )
