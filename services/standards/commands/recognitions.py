"""Writes of recognitions: proposed, agreed, renewed by editions, suspended, resumed, ended and corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events import standards as events
from events.canonical import Json, instant
from events.catalog import Change
from events.text import FreeText
from services.standards.domain import agreeing, objections
from services.standards.domain.consent import AGREE_COMMAND, END_COMMAND, RESTORE_COMMAND, RESUME_COMMAND, content_hash
from services.standards.domain.editions import check_kept, check_list, check_size, next_turn, renewed
from services.standards.domain.lifecycles import RECOGNITION_LIFECYCLE
from services.standards.models import Recognition, StandardRow
from shared.commands.registry import command
from shared.core.calendar import day_of, end_of, read_day
from shared.core.context import PLATFORM
from shared.core.errors import Fault, InvalidError
from shared.countersigned import signing
from shared.countersigned.reminding import ask_to_sign, reminds
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.rules.periods import first_start, state_at, with_period

BEGIN, END, LAPSE = (f"standards.recognition.{name}" for name in ("begin_on_day", "end_on_day", "lapse_objections"))
"""Timers of one recognition: the next turn of its list, its last moment, and the next term of an objection."""


reminds(Recognition.kind, events.RecognitionReminded)


def propose_recognition(session: Session, **proposed: Any) -> Recognition:
    """A proposal of the acting tenant, which is home and recognises; nothing holds until it is agreed."""
    here, now = session.context.tenant_id, session.clock.now()
    tenant = proposed["recognised"]
    listing = session.directory.listing(session, tenant)
    if listing is None or listing.status != "active" or tenant in (PLATFORM, session.context.tenant_id):
        fault = Fault("/recognised", f"没有可互认的辖区 {tenant}", f"{tenant} is not another active tenant")
        raise InvalidError(
            "party_unknown",
            "对方不在平台名录中、未启用,或就是贵方自己。请对照名录(/v1/tenants)更正。",
            "The other side is not in the directory, not active, or yourself. Correct it by /v1/tenants.",
            [fault],
        )
    sides = {"recogniser": here, "recognised": proposed["recognised"], "mutual": proposed["mutual"]}
    pending = _pending(session, 1, proposed=proposed, between=sides)
    check_size(pending)
    row = session.create(
        Recognition,
        parties=[here, proposed["recognised"]],
        state=RECOGNITION_LIFECYCLE.initial,
        spells=with_period([], RECOGNITION_LIFECYCLE.initial, since=now),
        title_zh=proposed["title_zh"],
        title_en=proposed["title_en"],
        **sides,
        edition=0,
        items=[],
        pending=pending,
        consent=None,
        ends_on=None,
        ends=[],
        suspended_by=None,
        objections=[],
        reason_digest=None,
    )
    ask_to_sign(session, row, by=proposed.get("sign_by"))
    session.publish(row, events.RecognitionProposed(mutual=row.mutual))
    return row


def _pending(
    session: Session, edition: int, *, proposed: Mapping[str, Any], between: Mapping[str, Any]
) -> dict[str, Json]:
    """What is put on the table; raises `InvalidError` with every fault of the list or of the period."""
    items: Sequence[Mapping[str, Json]] = proposed["items"]
    now = session.clock.now()
    starts_on, ends_on = proposed["starts_on"], proposed["ends_on"]
    agreeing.check_period(starts_on, ends_on, today=day_of(now))
    named = {UUID(item["standard"]) for item in items}
    known = session.scalars(select(StandardRow.id).where(StandardRow.id.in_(named))).all()
    check_list(items, unknown=[str(key) for key in named - set(known)])
    period = {"starts_on": starts_on and starts_on.isoformat(), "ends_on": ends_on and ends_on.isoformat()}
    pending = {"edition": edition, "proposed_at": instant(now), "items": [dict(item) for item in items], **period}
    return {**pending, "content_hash": content_hash(pending, between=between), "signatures": []}


@command("standards.recognition.propose_edition", Recognition)
def propose_edition(session: Session, key: UUID, **proposed: Any) -> Recognition:
    """Put a new list on the table, in place of one that is there; what holds goes on until it is agreed."""
    row = session.locked(Recognition, key)
    RECOGNITION_LIFECYCLE.move(row, "propose_edition")
    row.pending = _pending(session, row.edition + 1, proposed=proposed, between=vars(row))
    ask_to_sign(session, row, by=proposed.get("sign_by"))
    keep_room(row)
    session.publish(row, events.RecognitionEditionProposed(edition=row.edition + 1))
    return row


@command(AGREE_COMMAND, Recognition)
def agree_to_recognition(session: Session, key: UUID, *, content_hash: str) -> Recognition:
    """Agree to what one has read on the table; the last one brings all of it into force, on both sides at once."""
    row = session.locked(Recognition, key)
    RECOGNITION_LIFECYCLE.move(row, "agree")
    objections.check_none_open(row.objections)
    row.pending = agreeing.agreed_by(row, signing.signature(session, content_hash))
    if agreeing.missing(row):
        session.publish(row, events.RecognitionAgreed(edition=row.pending["edition"]))
    else:
        pending = row.pending
        now = session.clock.now()
        since = agreeing.beginning(pending, now=now, ends=row.ends)
        row.items = renewed(row.items, pending["items"], since=since)
        check_kept(row.items)
        row.consent = {name: pending[name] for name in ("content_hash", "starts_on", "signatures")}
        row.edition, row.pending = pending["edition"], None
        ask_to_sign(session, row, by=None)
        row.ends_on = None if pending["ends_on"] is None else read_day(pending["ends_on"])
        if row.state == "proposed":
            row.spells = agreeing.concluded(row.spells, now=now, since=since)
            RECOGNITION_LIFECYCLE.move(row, "begin" if since <= now else "conclude")
        keep_time(session, row)
        _keep_turn(session, row)
        keep_room(row)
        session.publish(row, events.RecognitionInForce(edition=row.edition, since=since))
    return row


@command("standards.recognition.suspend", Recognition)
def suspend_recognition(session: Session, key: UUID, *, reason: FreeText) -> Recognition:
    """Either party alone may suspend; it counts on neither side from now on."""
    row = session.locked(Recognition, key)
    agreeing.check_room(row.spells)
    stop_for_now(session, row, by=session.context.party)
    row.reason_digest = reason.digest
    session.publish(row, events.RecognitionSuspended(reason=reason))
    return row


def stop_for_now(session: Session, row: Recognition, *, by: UUID) -> None:
    """Suspended; `by` is who may resume."""
    RECOGNITION_LIFECYCLE.move(row, "suspend")
    row.suspended_by = by
    row.spells = with_period(agreeing.without_end(row.spells), row.state, since=session.clock.now())
    keep_time(session, row)


@command(RESUME_COMMAND, Recognition)
def resume_recognition(session: Session, key: UUID) -> Recognition:
    """Who suspended lets it count again from now on."""
    row = session.locked(Recognition, key)
    RECOGNITION_LIFECYCLE.move(row, "resume")
    agreeing.check_resume(row.suspended_by, session.context.party)
    row.suspended_by, row.reason_digest = None, None
    row.spells = with_period(agreeing.without_end(row.spells), row.state, since=session.clock.now())
    keep_time(session, row)
    session.publish(row, events.RecognitionResumed())
    return row


@command(END_COMMAND, Recognition)
def end_recognition(session: Session, key: UUID, *, reason: FreeText, on: date | None = None) -> Recognition:
    """Either party ends it for both sides: now, or after the day `on`."""
    row, now = session.locked(Recognition, key), session.clock.now()
    RECOGNITION_LIFECYCLE.target(row.state, "end")
    agreeing.check_last_day(on, today=day_of(now))
    row.ends = agreeing.ended(row, by=session.context.party, on=on, now=now)
    row.reason_digest = reason.digest
    if on is None:
        RECOGNITION_LIFECYCLE.move(row, "end")
    keep_time(session, row)
    session.publish(row, _end_of(on, reason))
    return row


def _end_of(on: date | None, reason: FreeText) -> Change:
    if on is None:
        return events.RecognitionEnded(reason=reason)
    return events.RecognitionEndSet(last_day=on, reason=reason)


@command(RESTORE_COMMAND, Recognition)
def restore_recognition(session: Session, key: UUID, *, reason: FreeText) -> Recognition:
    """Correct one's own suspension or end: for every moment, also past ones, it counts as if that had not been."""
    row, now = session.locked(Recognition, key), session.clock.now()
    RECOGNITION_LIFECYCLE.target(row.state, "restore")
    kept = agreeing.corrected(row, session.context.party, now=now)
    if row.state == "ended":
        row.objections = objections.extended(row.objections, day_of(now))
    row.state, row.spells, row.ends, row.suspended_by = kept.state, kept.spells, kept.ends, kept.suspended_by
    row.reason_digest = reason.digest
    keep_time(session, row)
    _keep_turn(session, row)
    session.publish(row, events.RecognitionRestored(reason=reason))
    return row


@timer(BEGIN)
def begin_on_day(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """The day that was agreed on has come, for the recognition or for a new edition of its list."""
    row = session.locked(Recognition, key)
    if row.state == "agreed" and state_at(row.spells, session.clock.now()) == "in_force":
        RECOGNITION_LIFECYCLE.move(row, "begin")
    if row.state in ("in_force", "suspended"):
        _keep_turn(session, row)
        session.publish(row, events.RecognitionBegun(edition=row.edition))


@timer(END)
def end_on_day(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """The last day is over."""
    row = session.locked(Recognition, key)
    if row.state != "ended" and state_at(row.spells, session.clock.now()) == "ended":
        RECOGNITION_LIFECYCLE.move(row, "end")
        keep_time(session, row)
        session.publish(row, events.RecognitionEnded(reason=None))


def keep_room(row: Recognition) -> None:
    """What grows leaves room for what must always be possible; raises `ConflictError`."""
    check_size(row.items, row.pending, row.objections, row.spells)


def keep_time(session: Session, row: Recognition) -> None:
    """Put the end where it belongs in the periods, and set or unset the timers of the end and of objections."""
    end = agreeing.effective_end(row.ends_on, row.ends)
    row.spells = agreeing.closed(row.spells, end)
    lives, term = row.state != "ended", objections.next_term(row.objections)
    due = {
        END: end if lives else None,
        LAPSE: end_of(term) if lives and term else None,
    }
    for name, at in due.items():
        schedule(session, name, aggregate=row.id, due_at=at)


def _keep_turn(session: Session, row: Recognition) -> None:
    """Apart from the other timers, so that no act undoes a turn that is due and has not run yet."""
    turn = first_start(row.spells, "in_force") if row.state == "agreed" else next_turn(row.items, session.clock.now())
    schedule(session, BEGIN, aggregate=row.id, due_at=turn)
