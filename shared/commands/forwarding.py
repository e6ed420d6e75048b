"""Forwarding: a party that is not home asks home to run a command, and keeps what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import instant, plain
from events.envelope import Envelope, decode
from events.text import FreeText
from shared.commands.registry import Command
from shared.core.errors import ConflictError, Fault, PreconditionError, ProblemError, from_status
from shared.core.pauses import growing
from shared.database.prepared import by_key
from shared.database.rows import AGGREGATES, Aggregate, TenantRow
from shared.database.session import TenantSession
from shared.files.citing import check_cited
from shared.journal.outbox import Message, enqueue, topic_name
from shared.journal.progress import APPLIED_CHANNEL
from shared.journal.session import Session
from shared.journal.unsent import unsent_topics
from shared.journal.work import ANSWER, COMMAND, KEEP, WorkRow, thing_beside
from shared.keys.documents import signed
from shared.keys.keyring import Signer

PENDING, DONE, REFUSED, EXPIRED = "pending", "done", "refused", "expired"
TOO_LATE = "command_expired"
"""The code of home's answer to a command that came after its expiry."""
OVERDUE = "overdue"
"""How a pending command is shown once its time has passed: only home can say whether it was carried out before."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
ASKED_FOR = timedelta(days=7)
"""How long after its expiry home is still asked what became of a command."""
AGAIN_AT_ONCE = 20
"""Commands of one tenant that are sent again in one round: where home is behind, more would put it behind further."""


class PendingCommand(TenantRow):
    """A command this tenant sent to another; `answer` is home's signed word.

    Until it is here the signed `message` goes to home again `next_at`: as the command while it may be carried out, from
    `expires_at` on as the question what became of it. Home answers both alike, and decides once.
    """

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
    message: Mapped[bytes | None]
    attempts: Mapped[int]
    next_at: Mapped[datetime | None]

    def shown_state(self, now: datetime) -> tuple[str, dict[str, str] | None]:
        """The state as it is shown, and why it is still open or has ended without an effect; None where all is said."""
        if self.state == PENDING and now >= self.expires_at:
            return OVERDUE, _unanswered(self)
        if self.state == PENDING and self.attempts > 0:
            return PENDING, _slow(self)
        return self.state, None


def _unanswered(pending: PendingCommand) -> dict[str, str]:
    since = instant(pending.sent_at)
    return {
        "zh": f"主办方自 {since} 起没有答复,该操作已过有效期,可能已执行,也可能没有。系统仍在询问;请先核对,勿重复提交。",
        "en": f"No answer from home since {since}, and the time of this action has passed. It may have been carried"
        " out or not: home is still being asked. Look at the thing itself before you submit this again.",
    }


def _slow(pending: PendingCommand) -> dict[str, str]:
    since = instant(pending.sent_at)
    return {
        "zh": f"主办方自 {since} 起没有答复,已重发 {pending.attempts} 次;同一操作只会执行一次,请等待。",
        "en": f"No answer from home since {since}; sent again {pending.attempts} times. It is carried out once at most:"
        " wait.",
    }


def run_or_forward(session: Session, command: Command, *, key: UUID, arguments: Mapping[str, Any]) -> Any:
    """Run the command here if this tenant is home, else send it there; returns the row or the `PendingCommand`.

    Raises `NotFoundError` when the tenant has no such thing, and whatever the command raises.
    """
    here = session.context.tenant_id
    if by_key(command.kind).home.rows(session, tenant=here, key=key) == [(here,)]:
        return command.run(session, key, **arguments)
    return forward(session, command, row=session.one(command.kind, key), arguments=arguments)


def forward(
    session: Session, command: Command, *, row: Aggregate, arguments: Mapping[str, Any], by: Signer | None = None
) -> PendingCommand:
    """Sign the command as this tenant (or `by` its cell, if vouched) and put it into the outbox for home's cell.

    Raises `InvalidError` where it cites files that this tenant, for whom home takes its word, does not hold.
    """
    check_home(session, row.home_id)
    for name, value in arguments.items():
        if isinstance(value, list) and any(isinstance(item, Mapping) and "sha256" in item for item in value):
            before = [item for column in row.files for item in getattr(row, column)]
            check_cited(session, value, pointer=f"/{name}", before=before)
    key, now, texts, actor = uuid4(), session.clock.now(), dict[str, FreeText](), session.context.actor_id
    expires_at = now + timedelta(seconds=session.settings.command_seconds)
    content = {
        "to": str(row.home_id),
        "id": str(key),
        "name": command.name,
        "aggregate": str(row.id),
        "actor": actor,
        "params": plain(arguments, texts),
        "expires_at": instant(expires_at),
        "expected": _expected(session, row),
    }
    envelope = signed(session, "command", content=content, by=by or session.signer, texts=texts)
    cells = session.directory.cells(session, [row.home_id])
    [message] = enqueue(session, Message(envelope, cells, command.name, row.id))
    pending = PendingCommand(
        id=key, name=command.name, kind=row.kind, aggregate_id=row.id, home_id=row.home_id, actor_id=actor,
        state=PENDING, sent_at=now, expires_at=expires_at, message=message, attempts=0, next_at=now + FIRST_PAUSE,
    )  # fmt: skip
    session.add(pending)
    return pending


def check_home(session: Session, home: UUID) -> None:
    """Raises `ConflictError` where it has left the platform."""
    if not session.directory.staying(session, [home]):
        raise ConflictError(
            "home_left",
            "主办辖区已退出平台,其主办的事项不能再变更,只能查阅。如需继续,请由在册辖区另行发起。",
            "The home tenant has left the platform: what it was home of is kept for reading and changes no more. "
            "To go on, let a tenant that is here begin anew.",
        )


def send_again(session: Session) -> int:
    """Send what home has not answered once more, with growing pauses; returns how many commands.

    The message is the same to the byte, so home carries it out once, whichever copy comes first; what comes to home
    after its expiry is refused, recorded as refused, and so never carried out afterwards.
    """
    now = session.clock.now()
    mine = PendingCommand.tenant_id == session.context.tenant_id, PendingCommand.state == PENDING
    due = select(PendingCommand).where(*mine, PendingCommand.next_at <= now).order_by(PendingCommand.next_at)
    rows = session.scalars(due.limit(AGAIN_AT_ONCE).with_for_update(skip_locked=True)).all()
    waiting = unsent_topics(session) if rows else set()
    return sum(_send_again(session, row, unsent=waiting) for row in rows)


def _send_again(session: Session, row: PendingCommand, *, unsent: Collection[str]) -> int:
    now = session.clock.now()
    if now >= row.expires_at:
        keep_overdue(session, row)
    if row.message is None or now >= row.expires_at + ASKED_FOR:
        row.message = row.next_at = None
        return 0
    cells, service = session.directory.cells(session, [row.home_id]), row.name.partition(".")[0]
    if {topic_name(cell, service, kind="commands") for cell in cells} & set(unsent):
        # The one before has not even left.
        row.next_at = now + FIRST_PAUSE
        return 0
    row.attempts += 1
    again = now + growing(row.attempts + 1, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    row.next_at = min(again, row.expires_at) if now < row.expires_at else again
    enqueue(session, Message(decode(row.message), cells, row.name, row.aggregate_id))
    return 1


def forget_texts(session: Session, aggregate: UUID, *, digests: Collection[str]) -> None:
    """Take erased texts out of what may be sent again."""
    rows = select(PendingCommand).where(PendingCommand.aggregate_id == aggregate, PendingCommand.message.is_not(None))
    for row in session.scalars(rows.with_for_update()):
        envelope = decode(row.message)
        kept = {key: text for key, text in envelope.texts.items() if key not in digests}
        row.message = replace(envelope, texts=kept).encode()


def _expected(session: Session, row: Aggregate) -> list[int] | None:
    """The one position that home shall find: of several the one known here, else the newest. Raises for none."""
    expected = session.expected
    if expected is None or expected[0] != row.id:
        return None
    if not expected[1]:
        raise PreconditionError.changed(row.etag)
    return list(row.position if row.position in expected[1] else max(expected[1]))


def keep_answer(session: Session, home: UUID, *, envelope: Envelope) -> None:
    """Keep home's answer to a pending command; a second answer changes nothing."""
    session.wake(APPLIED_CHANNEL, str(session.context.tenant_id))
    document = envelope.document
    pending = session.get(PendingCommand, (session.context.tenant_id, UUID(document["id"])), with_for_update=True)
    if pending is None or pending.home_id != home or pending.state != PENDING:
        return
    problem = document["problem"]
    late = problem is not None and problem["code"] == TOO_LATE
    pending.state = DONE if problem is None else EXPIRED if late else REFUSED
    pending.message = pending.next_at = None
    pending.answer, pending.signature = dict(document), envelope.signature
    pending.answered_at = session.clock.now()
    if pending.answered_at >= pending.expires_at:
        forget_overdue(session, pending)


def keep_overdue(session: TenantSession, pending: PendingCommand) -> None:
    """A command of this tenant that home has not answered in time waits for home."""
    forget_overdue(session, pending)
    on = AGGREGATES.get(pending.kind)
    row = None if on is None else session.get(on, (session.context.tenant_id, pending.aggregate_id))
    work = row.work(thing_beside(session, row)) if row is not None and row.duties else None
    line = {
        "tenant_id": session.context.tenant_id, "aggregate_id": pending.id, "action": ANSWER.action, "kind": COMMAND,
        "name_zh": "已发出的操作" if work is None else work.name_zh,
        "name_en": "Command sent" if work is None else work.name_en, "url": f"/v1/commands/{pending.id}",
        "scope": ANSWER.scope, "parties": [pending.home_id], "mine": False, "others": True,
        "organisation_id": None, "by_organisation": False,
        "since": pending.sent_at, "due": pending.expires_at, "updated_at": session.clock.now(),
    }  # fmt: skip
    session.write(KEEP, [line])


def forget_overdue(session: TenantSession, pending: PendingCommand) -> None:
    """Home has answered."""
    same = WorkRow.tenant_id == session.context.tenant_id, WorkRow.aggregate_id == pending.id
    session.execute(delete(WorkRow).where(*same))


def refusal_of(answer: Mapping[str, Any]) -> ProblemError | None:
    """The refusal in an answer as the error it was at home, or None."""
    problem = answer["problem"]
    if problem is None:
        return None
    faults = [Fault(item["pointer"], item["zh"], item["en"]) for item in problem["faults"]]
    return from_status(problem["status"])(problem["code"], problem["zh"], problem["en"], faults)
