"""What is known here of a facility and its taken times: one's own as it is, another tenant's by the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.facilities.domain.hours import Span
from services.facilities.models.facilities import Facility, FacilityRow, Occupancy, OccupancyRow, occupancy_id
from shared.core.calendar import read_moment
from shared.database.rows import state_of
from shared.evidence.documents import told
from shared.journal.session import Session


def facility(session: Session, key: UUID) -> Facility | FacilityRow:
    """Raises `NotFoundError`, also for the draft of another tenant, and of one's own for people of an organisation."""
    found: Facility | FacilityRow = told(session, Facility, key=key)
    return found


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
