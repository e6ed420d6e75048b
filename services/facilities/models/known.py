"""What is known here of a facility and its taken times: one's own as it is, another tenant's by the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.facilities.domain.facility import FACILITY_LIFECYCLE
from services.facilities.domain.hours import Span
from services.facilities.models.facilities import Facility, FacilityRow, Occupancy, OccupancyRow, occupancy_id
from shared.core.calendar import read_moment
from shared.core.errors import NotFoundError
from shared.database.rows import state_of
from shared.journal.session import Session


def facility(session: Session, key: UUID) -> Facility | FacilityRow:
    """Raises `NotFoundError`, also for the draft of another tenant, and of one's own for people of an organisation."""
    own, known = session.get(Facility, (session.context.tenant_id, key)), session.get(FacilityRow, key)
    if own is not None and (own.state != FACILITY_LIFECYCLE.initial or session.context.scope == "tenant"):
        return own
    if own is None and known is not None and known.status != FACILITY_LIFECYCLE.initial:
        return known
    raise NotFoundError.of(Facility.called, key)


def known_facility(session: Session, key: UUID) -> Mapping[str, Any]:
    """Its state document; raises `NotFoundError`."""
    found = facility(session, key)
    return found.state if isinstance(found, FacilityRow) else state_of(found)


def taken_times(session: Session, key: UUID, *, owner: UUID, monday: date) -> list[Span]:
    """The taken times of a week, as the owner told."""
    week = occupancy_id(owner, key, monday=monday)
    own, known = session.get(Occupancy, (session.context.tenant_id, week)), session.get(OccupancyRow, week)
    # By its id no other tenant could say it, nor of another facility.
    taken = own.taken if own is not None else known.state["taken"] if known is not None else []
    return [Span(read_moment(one["starts_at"]), read_moment(one["ends_at"])) for one in taken]
