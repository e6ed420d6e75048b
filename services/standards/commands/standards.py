"""Writes of released standards: released, come into force, superseded, withdrawn, restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from events.entry import Actor
from events.standards import (
    ProjectReleased,
    StandardEnded,
    StandardEndSet,
    StandardInForce,
    StandardReleased,
    StandardRestorationAgreed,
    StandardRestored,
    StandardWithdrawalAgreed,
)
from events.text import FreeText
from services.standards.domain import projects as project_rules
from services.standards.domain import standards as rules
from services.standards.domain.lifecycles import PROJECT_LIFECYCLE, STANDARD_LIFECYCLE
from services.standards.models import Project, Standard
from services.standards.models.registered import is_number_taken, lock_numbers
from shared.commands.registry import command
from shared.core.calendar import day_of, read_day, start_of
from shared.core.errors import ConflictError
from shared.evidence.undoing import state_before
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.rules.periods import next_start, state_at, with_period

TURN = "standards.standard.turn"
"""The timer that is due when the next period of a standard begins."""
COPIED = (
    "standard_kind",
    "title_zh",
    "title_en",
    "subject",
    "issuers",
    "text",
    "sheet",
    "content_hash",
    "replaces",
    "effective_from",
)


def release(session: Session, project: Project) -> Standard:
    """What all have signed exists from this moment, by one entry, under the number of each; what it replaces ends."""
    older = replaced(session, project)
    numbers = [str(issuer["number"]) for issuer in project.issuers]
    _check_numbers_free(session, project)
    PROJECT_LIFECYCLE.move(project, "release")
    now = session.clock.now()
    periods = rules.first_periods(now, project.effective_from)
    standard = session.create(
        Standard,
        parties=project.party_ids,
        nonce=f"{project.id}/standard",
        state=str(state_at(periods, now)),
        spells=periods,
        tenant=project.home_id,
        numbers=numbers,
        project_id=project.id,
        released_at=now,
        ends=None,
        reason_digest=None,
        signatures=project.signatures,
        **{name: getattr(project, name) for name in COPIED},
    )
    project.standard_id = standard.id
    session.publish(project, ProjectReleased(standard=standard.id, content_hash=project.content_hash))
    change = StandardReleased(content_hash=standard.content_hash, effective_from=standard.effective_from)
    session.publish(standard, change)
    _follow_periods(session, standard)
    for row in older:
        day = standard.effective_from
        row.ends = {
            "state": "superseded",
            "on": str(day),
            "by": str(standard.id),
            "restoring": [],
            "agreed": [str(tenant) for tenant in row.party_ids],
        }
        _set_end(session, row, on=day, reason=None, by=_home(session))
    return standard


def _check_numbers_free(session: Session, project: Project) -> None:
    numbers = {UUID(issuer["tenant"]): str(issuer["number"]) for issuer in project.issuers}
    lock_numbers(session, numbers.values())
    for tenant, number in numbers.items():
        if is_number_taken(session, number, tenant=tenant):
            raise project_rules.number_taken(number)


def _home(session: Session) -> Actor | None:
    """Who does what follows at home of another's signature, on things of which the signer is no party: home itself."""
    here = session.context.tenant_id
    return None if session.context.party == here else Actor(here, "xietong:standards")


def replaced(session: Session, project: Project) -> Sequence[Standard]:
    """What the project's text replaces, locked; raises `ConflictError` for what it cannot replace."""
    # In a fixed order, so that two projects that replace the same do not wait for each other in a circle.
    found = [session.get(Standard, (project.home_id, key)) for key in sorted(project.replaces)]
    keys = [row.id for row in found if row is not None and row.home_id == project.home_id]
    rows = [session.locked(Standard, key, by=_home(session)) for key in keys]
    issuers = project.party_ids
    why = {row.id: rules.check_replaced(row.state, row.ends, issuers=(_issuers(session, row), issuers)) for row in rows}
    wrong = [str(key) for key in project.replaces if why.get(key, "unknown") is not None]
    if wrong:
        raise ConflictError(
            "not_replaceable",
            f"不能代替以下标准:{'、'.join(wrong)}。只能代替由同一牵头辖区发布、仍有效且其各发布方均参与本项目的标准。",
            f"These cannot be replaced: {', '.join(wrong)}. A standard can be replaced that has the same lead, still "
            "counts, and all of whose issuers take part here.",
        )
    return rows


def _set_end(
    session: Session, standard: Standard, *, on: date, reason: FreeText | None, by: Actor | None = None
) -> None:
    """The end is decided: said at once of the time to come, done when the day begins."""
    state = str((standard.ends or {})["state"])
    since = max(session.clock.now(), start_of(on))
    standard.spells = with_period(standard.spells, state, since=since)
    session.publish(standard, StandardEndSet(state=state, effective_on=on, reason=reason), by=by)
    _follow_periods(session, standard, by=by)


def _follow_periods(session: Session, standard: Standard, *, by: Actor | None = None) -> None:
    """Bring the state to what the periods say of now, and set the timer for the period to come."""
    now = session.clock.now()
    state = state_at(standard.spells, now)
    if state is not None and state != standard.state:
        STANDARD_LIFECYCLE.move(standard, rules.STEPS[state])
        change = StandardInForce() if state == "in_force" else StandardEnded(state=state)
        session.publish(standard, change, by=by)
    schedule(session, TURN, aggregate=standard.id, due_at=next_start(standard.spells, now))


@timer(TURN)
def turn_standard(session: Session, standard_id: UUID, _params: Mapping[str, Any]) -> None:
    """A period has begun."""
    _follow_periods(session, session.locked(Standard, standard_id))


@command("standards.standard.withdraw", Standard)
def withdraw_standard(session: Session, standard_id: UUID, *, effective_on: date, reason: FreeText) -> Standard:
    """Agree that it ends with the beginning of a day; the last issuer's word sets the end."""
    standard = session.locked(Standard, standard_id)
    STANDARD_LIFECYCLE.target(standard.state, "withdraw")
    rules.check_end(effective_on, today=day_of(session.clock.now()))
    issuers, party = _issuers(session, standard), session.context.party
    standard.ends = rules.agreed(standard.ends, party, on=effective_on, issuers=issuers)
    standard.reason_digest = reason.digest
    if rules.is_set(standard.ends, issuers):
        _set_end(session, standard, on=effective_on, reason=reason)
    else:
        session.publish(standard, StandardWithdrawalAgreed(effective_on=effective_on, reason=reason))
    return standard


@command("standards.standard.restore", Standard)
def restore_standard(session: Session, standard_id: UUID, *, reason: FreeText) -> Standard:
    """Its end was a mistake: for every moment it counts as if there had been none.

    The lead alone takes back an end that is only proposed; one that is set needs the word of every issuer.
    """
    standard = session.locked(Standard, standard_id)
    STANDARD_LIFECYCLE.target(standard.state, "restore")
    party, issuers = session.context.party, _issuers(session, standard)
    if rules.is_set(standard.ends, issuers):
        standard.ends = rules.restoring(standard.ends or {}, party)
        if not rules.is_restored(standard.ends, issuers):
            session.publish(standard, StandardRestorationAgreed(reason=reason))
            return standard
        _take_back_end(session, standard)
    else:
        project_rules.check_lead(party, standard.home_id)
        rules.check_restorable(standard.ends)
    standard.reason_digest = reason.digest
    return _restored(session, standard, reason=reason)


def go_on_without(session: Session, standard: Standard) -> None:
    """An issuer has left the platform: what the others have agreed waits for it no longer."""
    before, issuers, ends = standard.party_ids, _issuers(session, standard), standard.ends
    if ends is None or rules.is_set(ends, before):
        if ends is not None and ends["restoring"] and rules.is_restored(ends, issuers):
            _take_back_end(session, standard)
            _restored(session, standard, reason=None)
    elif rules.is_set(ends, issuers):
        _set_end(session, standard, on=max(read_day(ends["on"]), day_of(session.clock.now())), reason=None)


def _take_back_end(session: Session, standard: Standard) -> None:
    before = state_before(session, standard, acts=(StandardEndSet,))
    standard.spells = before["spells"]


def _issuers(session: Session, standard: Standard) -> list[UUID]:
    """Who has to agree: those that have not left."""
    return session.directory.staying(session, standard.party_ids)


def _restored(session: Session, standard: Standard, *, reason: FreeText | None) -> Standard:
    standard.ends = None
    standard.state = str(state_at(standard.spells, session.clock.now()))
    session.publish(standard, StandardRestored(reason=reason))
    _follow_periods(session, standard)
    return standard
