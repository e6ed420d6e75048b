"""Writes of facilities: drafted, revised, opened, closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from events.canonical import plain
from events.facilities import FacilityClosed, FacilityDrafted, FacilityOpened, FacilityRevised
from events.text import FreeText
from services.facilities.domain.facility import FACILITY_LIFECYCLE, check_facility
from services.facilities.domain.hours import check_hours
from services.facilities.models import Facility
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.core.errors import Fault, InvalidError
from shared.journal.session import Session
from shared.reference import divisions


def draft_facility(session: Session, *, kind: str, only_for: Sequence[UUID], **described: Any) -> Facility:
    """A new facility of one's own tenant, which is shown to nobody else until it is open."""
    row = session.create(
        Facility,
        parties=[session.context.tenant_id],
        tenant=session.context.tenant_id,
        state=FACILITY_LIFECYCLE.initial,
        facility_kind=kind,
        only_for=sorted(set(only_for)),
        reason_digest=None,
        **_kept(described),
    )
    _check(session, row, given=("division", "only_for"))
    session.publish(row, FacilityDrafted(name_zh=row.name_zh, kind=kind))
    return row


@command("facilities.facility.revise", Facility)
def revise_facility(session: Session, key: UUID, **changes: Any) -> Facility:
    """Other words, hours or rules; what is booked already stays."""
    row = session.locked(Facility, key)
    FACILITY_LIFECYCLE.move(row, "revise")
    given = {"facility_kind" if name == "kind" else name: value for name, value in _kept(changes).items()}
    if "only_for" in given:
        given["only_for"] = sorted(set(given["only_for"]))
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    _check(session, row, given=changed)
    if changed:
        session.publish(row, FacilityRevised(changes=plain(changed)))
    return row


@command("facilities.facility.open", Facility)
def open_facility(session: Session, key: UUID) -> Facility:
    """Let it be booked from now on."""
    row = session.locked(Facility, key)
    FACILITY_LIFECYCLE.move(row, "open")
    row.reason_digest = None
    session.publish(row, FacilityOpened())
    return row


@command("facilities.facility.close", Facility)
def close_facility(session: Session, key: UUID, *, reason: FreeText) -> Facility:
    """Let nothing new be booked; what is confirmed stays until its owner cancels it."""
    row = session.locked(Facility, key)
    FACILITY_LIFECYCLE.move(row, "close")
    row.reason_digest = reason.digest
    session.publish(row, FacilityClosed(reason=reason))
    return row


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    """As columns hold it: opening hours in their order, days as text."""
    kept = dict(given)
    if "hours" in kept:
        kept["hours"] = sorted((dict(one) for one in kept["hours"]), key=lambda one: (one["weekday"], one["opens"]))
    if "closed_days" in kept:
        kept["closed_days"] = sorted({day.isoformat() for day in kept["closed_days"]})
    return kept


def _check(session: Session, row: Facility, *, given: Iterable[str]) -> None:
    """What fields say together, and of what was given what the reference and the directory know."""
    check_hours(row.hours, slot_minutes=row.slot_minutes)
    check_facility({"slot_minutes": row.slot_minutes, "most_slots": row.most_slots})
    if "division" in given and row.division is not None:
        try:
            divisions.check_entered(row.division, today=day_of(session.clock.now()))
        except InvalidError as error:
            raise InvalidError(error.code, error.zh, error.en, [Fault("/division", error.zh, error.en)]) from error
    if "only_for" in given:
        session.directory.check_active(session, {f"/only_for/{at}": one for at, one in enumerate(row.only_for)})
