"""The audit log: who did, or was refused, which administrative act; chained per tenant like the journal.

Writers put records into an inbox and never wait for each other; one sequencer (the worker) gives them their positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json, canonical, digest, instant, plain
from events.printing import printable_json
from shared.core.calendar import read_moment
from shared.core.context import Context
from shared.core.errors import ProblemError
from shared.database.rows import Aggregate, TenantRow, state_of
from shared.journal.session import Database, Session
from shared.rules.acts import Act

BATCH = 500
LARGEST_DETAIL = 8_000
"""Bytes of `before` or `after`: the log names states, roles, ids and settings, never contents."""


class AuditInbox(TenantRow):
    """A record that has no position yet."""

    __tablename__ = "audit_inbox"
    __table_args__ = {"schema": "shared"}

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    record: Mapped[dict[str, Any]]


class AuditRow(TenantRow):
    """A record at its position: `entry` holds the canonical bytes, which name the hash of the one before."""

    __tablename__ = "audit_log"
    __table_args__ = {"schema": "shared"}

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    act: Mapped[str]
    outcome: Mapped[str]
    actor_id: Mapped[str]
    subject: Mapped[str | None]
    at: Mapped[datetime]
    entry: Mapped[bytes]
    hash: Mapped[str]
    key: Mapped[str]
    signature: Mapped[str]


def detail(
    session: Session, *, subject: str | None = None, before: Mapping[str, Json] | None = None, after: Any = None
) -> None:
    """What an audited route's record shall say of this change: ids, states and roles; no names, texts or secrets."""
    given = {"subject": subject, "before": before, "after": after}
    session.info["audit"] = {name: value for name, value in given.items() if value is not None}


def say_change(session: Session, row: Any) -> None:
    """Say what the log may tell of a changed aggregate: version, what its class tells, and which columns changed."""
    if not isinstance(row, Aggregate):
        return
    after, found = state_of(row), session.found.get(row.id)
    change: dict[str, Any] = {"subject": str(row.id), "after": {**_audited(row, after), "version": row.etag}}
    if found is not None:
        position, before = found
        change["before"] = {**_audited(row, before), "version": position.etag}
        change["after"]["changed"] = sorted(name for name in after if after[name] != before.get(name))
    session.info["audit_change"] = change


def _audited(row: Aggregate, state: Mapping[str, Json]) -> dict[str, Json]:
    return {name: state[name] for name in row.audited if name in state}


def _merged(first: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What comes later wins, of `before` and `after` each of their parts."""
    both = {name: {**first[name], **more[name]} for name in first.keys() & more.keys()
            if isinstance(first[name], Mapping) and isinstance(more[name], Mapping)}  # fmt: skip
    return {**first, **{name: value for name, value in more.items() if value is not None}, **both}


def note(session: Session, what: Act, *, outcome: str = "done", reason: str | None = None, **details: Any) -> None:
    """Write a record in this transaction; `details` are subject, before and after; what `detail` said wins."""
    given = dict(details)
    for more in ("audit_change", "audit"):
        given = _merged(given, session.info.pop(more, {}))
    record = _record(session, what, given={**given, "outcome": outcome, "reason": reason})
    values = {"tenant_id": session.context.tenant_id, "record": record}
    session.connection().execute(insert(AuditInbox), values)


def refused(database: Database, context: Context, *, what: Act, error: ProblemError, subject: str | None) -> None:
    """Write, in a transaction of its own, that the act was refused and why (the problem's code)."""
    with database.session(context) as session:
        note(session, what, outcome="refused", reason=error.code, subject=subject)


def _record(session: Session, what: Act, *, given: Mapping[str, Any]) -> dict[str, Json]:
    context = session.context
    record = {
        "act": what.name,
        "outcome": given["outcome"],
        "actor": context.actor_id,
        "organisation": plain(context.organisation_id),
        "subject": given.get("subject"),
        "before": _bounded(given.get("before")),
        "after": _bounded(given.get("after")),
        "reason": given["reason"],
        "address": context.address,
        "correlation": context.correlation,
        "at": instant(session.clock.now()),
    }
    # A subject may be an address or a name as somebody sent it.
    return {name: printable_json(value) for name, value in record.items()}


def _bounded(value: Any) -> Json:
    made = printable_json(plain(value))
    size = len(canonical(made))
    return made if size <= LARGEST_DETAIL else {"sha256": digest(canonical(made)), "bytes": size}


def sequence(session: Session) -> int:
    """Give waiting records of the session's tenant their positions; returns how many. One sequencer at a time."""
    mine = AuditInbox.tenant_id == session.context.tenant_id
    waiting = select(AuditInbox.id, AuditInbox.record).where(mine).order_by(AuditInbox.id).limit(BATCH)
    rows = session.execute(waiting.with_for_update()).all()
    if not rows:
        return 0
    last = session.execute(
        select(AuditRow.position, AuditRow.hash).order_by(AuditRow.position.desc()).limit(1)
    ).one_or_none()
    position, previous = last or (0, None)
    made: list[dict[str, Any]] = []
    for _id, record in rows:
        position += 1
        made.append(_entry(session, record, position=position, previous=previous))
        previous = made[-1]["hash"]
    session.execute(insert(AuditRow), made)
    session.execute(delete(AuditInbox).where(mine, AuditInbox.id.in_([row.id for row in rows])))
    return len(rows)


def _entry(session: Session, record: Mapping[str, Any], *, position: int, previous: str | None) -> dict[str, Any]:
    tenant, signer = session.context.tenant_id, session.signer
    document = {
        "spec": "xietong.audit.v1", "tenant": str(tenant), "position": position, "previous": previous,
        "key": signer.key, **record,
    }  # fmt: skip
    entry = canonical(document)
    return {
        "tenant_id": tenant, "position": position, "act": record["act"], "outcome": record["outcome"],
        "actor_id": record["actor"], "subject": record["subject"], "at": read_moment(record["at"]),
        "entry": entry, "hash": digest(entry), "key": signer.key, "signature": signer.sign_bytes(entry),
    }  # fmt: skip
