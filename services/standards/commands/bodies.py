"""Writes of conformity bodies: accredited, their scope extended and reduced, suspended, withdrawn, restored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from events.standards import (
    BodyAccredited,
    BodyExpired,
    BodyExtended,
    BodyReduced,
    BodyReinstated,
    BodyRestored,
    BodySuspended,
    BodyWithdrawn,
)
from events.text import FreeText
from services.standards.domain import bodies as rules
from services.standards.domain.corrections import check_correctable
from services.standards.domain.lifecycles import BODY_LIFECYCLE
from services.standards.domain.room import check_size, check_suspendable
from services.standards.models import Body, StandardRow
from shared.commands.registry import command
from shared.core.calendar import day_of, end_of
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.evidence import audit
from shared.evidence.undoing import state_before
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule, timer
from shared.rules.periods import with_period

EXPIRE = "standards.body.expire"
LIVING = ("accredited", "suspended", "expired")
"""States in which a second accreditation of the same organisation would be a mistake."""


def accredit_body(session: Session, **described: Any) -> Body:
    """A body accredited by the acting tenant; it counts since the first day of its grants."""
    now = session.clock.now()
    code = described["code"]
    name = f"bodies/{session.context.tenant_id}/{code}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    if session.scalar(select(Body.id).where(Body.code == code, Body.state.in_(LIVING)).limit(1)):
        raise ConflictError(
            "body_exists",
            f"该机构({code})已获本辖区认可。请在原认可上扩大范围。",
            f"This organisation ({code}) is a body of your tenant already. Extend its scope instead.",
        )
    drafts = {f"/grants/{index}": draft for index, draft in enumerate(described["grants"])}
    grants = rules.with_grants([], drafts, today=day_of(now))
    check_size(grants)
    _check_standards(session, drafts)
    periods = with_period([], BODY_LIFECYCLE.initial, since=rules.counts_since(grants, now))
    tenant = session.context.tenant_id
    row = session.create(
        Body,
        parties=[tenant],
        state=BODY_LIFECYCLE.initial,
        spells=periods,
        tenant=tenant,
        code=code,
        organisation=described["organisation"],
        name_zh=described["name_zh"],
        name_en=described["name_en"],
        grants=grants,
        reason_digest=None,
    )
    session.publish(row, BodyAccredited(code=code))
    _watch(session, row)
    audit.detail(session, subject=str(row.id), after={"code": code, "grants": len(grants)})
    return row


def _check_standards(session: Session, drafts: rules.Drafts) -> None:
    named = {standard for draft in drafts.values() for standard in draft["standards"]}
    known = set(session.scalars(select(StandardRow.id).where(StandardRow.id.in_(named))))
    zh, en = "平台上没有已发布的这个标准", "no such standard has been released"
    faults = [
        Fault(f"{pointer}/standards/{place}", zh, en)
        for pointer, draft in drafts.items()
        for place, standard in enumerate(draft["standards"])
        if standard not in known
    ]
    if faults:
        raise InvalidError("standard_unknown", f"{zh},请核对。", f"Of those named {en}. Correct it.", faults)


def _watch(session: Session, row: Body) -> None:
    schedule(session, EXPIRE, aggregate=row.id, due_at=end_of(rules.last_day(row.grants)))


def _moved(session: Session, key: UUID, *, action: str) -> Body:
    """The body in its next state, which counts from now on."""
    row = session.locked(Body, key)
    before = row.state
    BODY_LIFECYCLE.move(row, action)
    row.spells = with_period(row.spells, row.state, since=session.clock.now())
    audit.detail(session, subject=str(key), before={"state": before}, after={"state": row.state})
    return row


@command("standards.body.extend", Body)
def extend_body(session: Session, key: UUID, **grant: Any) -> Body:
    """One more grant; a body that had expired counts again from the day on which it begins."""
    row = session.locked(Body, key)
    now, was_expired = session.clock.now(), row.state == "expired"
    BODY_LIFECYCLE.move(row, "extend")
    ended = end_of(rules.last_day(row.grants))
    row.grants = rules.with_grants(row.grants, {"": grant}, today=day_of(now))
    _check_standards(session, {"": grant})
    if was_expired:
        # A renewal that joins the old term leaves no gap.
        row.spells = with_period(row.spells, row.state, since=max(ended, rules.counts_since(row.grants[-1:], now)))
    check_size(row.grants, row.spells)
    number = row.grants[-1]["grant"]
    session.publish(row, BodyExtended(grant=number))
    _watch(session, row)
    audit.detail(session, subject=str(key), after={"grant": number})
    return row


@command("standards.body.reduce", Body)
def reduce_body(session: Session, key: UUID, *, grant: int, valid_to: date) -> Body:
    """A grant ends earlier than it would have."""
    row = session.locked(Body, key)
    BODY_LIFECYCLE.move(row, "reduce")
    row.grants = rules.reduced(row.grants, grant, valid_to=valid_to, today=day_of(session.clock.now()))
    session.publish(row, BodyReduced(grant=grant, valid_to=valid_to))
    _watch(session, row)
    audit.detail(session, subject=str(key), after={"grant": grant, "valid_to": str(valid_to)})
    return row


@command("standards.body.suspend", Body)
def suspend_body(session: Session, key: UUID, *, reason: FreeText) -> Body:
    """Neither it nor its certificates count, everywhere and at once."""
    check_suspendable(session.locked(Body, key).spells)
    row = _moved(session, key, action="suspend")
    row.reason_digest = reason.digest
    session.publish(row, BodySuspended(reason=reason))
    return row


@command("standards.body.reinstate", Body)
def reinstate_body(session: Session, key: UUID) -> Body:
    """It counts again from now on."""
    row = _moved(session, key, action="reinstate")
    row.reason_digest = None
    session.publish(row, BodyReinstated())
    return row


@command("standards.body.withdraw", Body)
def withdraw_body(session: Session, key: UUID, *, reason: FreeText) -> Body:
    """It counts no more."""
    row = _moved(session, key, action="withdraw")
    row.reason_digest = reason.digest
    cancel(session, EXPIRE, aggregate=key)
    session.publish(row, BodyWithdrawn(reason=reason))
    return row


@command("standards.body.restore", Body)
def restore_body(session: Session, key: UUID, *, reason: FreeText) -> Body:
    """The suspension or withdrawal was a mistake: it is, and was, what it would be without.

    What expired while it was suspended by mistake counted until then, and stays expired.
    """
    row = session.locked(Body, key)
    BODY_LIFECYCLE.target(row.state, "restore")
    check_correctable(row.spells)
    state = row.state
    before = state_before(session, row, acts=(BodySuspended, BodyWithdrawn), undone_by=BodyRestored)
    row.spells, row.reason_digest = before["spells"], before["reason_digest"]
    if state == "expired":
        row.spells = with_period(row.spells, state, since=end_of(rules.last_day(row.grants)))
    row.state = row.spells[-1]["state"]
    session.publish(row, BodyRestored(reason=reason))
    _watch(session, row)
    audit.detail(session, subject=str(key), before={"state": state}, after={"state": row.state})
    return row


@timer(EXPIRE)
def expire_body(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """The last of its grants is over."""
    row = session.locked(Body, key)
    over = end_of(rules.last_day(row.grants))
    if "expire" not in BODY_LIFECYCLE.actions(row.state) or over > session.clock.now():
        return
    BODY_LIFECYCLE.move(row, "expire")
    row.spells = with_period(row.spells, row.state, since=over)
    session.publish(row, BodyExpired())
