"""What follows for parks when a tenant has left the platform: it is no party any more, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.canonical import plain
from events.parks import ParkRevised
from services.parks.commands.agreements import conclude, open_revision
from services.parks.commands.dissolving import call_off, forget_unsupported, start
from services.parks.commands.parks import resume
from services.parks.domain import agreement as agreement_rules
from services.parks.domain import park as rules
from services.parks.models import Agreement, Park, agreement_id
from shared.core.calendar import day_of
from shared.core.errors import ConflictError
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.rules import countersigning

FOLLOW = "parks.park.follow_departure"
AT_ONCE = 50
"""Parks in one transaction; the next ones have one of their own."""
AGREED = {"resume": resume, "dissolve": start, "call_off": call_off}


@timer(FOLLOW)
def follow_departure(session: Session, tenant: UUID, _params: Mapping[str, Any]) -> None:
    """At the home of parks: the others go on without the tenant that has left."""
    here = session.context.tenant_id
    if tenant == here:
        return
    lasting = Park.home_id == here, Park.state.not_in(rules.ENDED), Park.parties.contains([{"tenant": str(tenant)}])
    keys = session.scalars(select(Park.id).where(*lasting).order_by(Park.id).limit(AT_ONCE)).all()
    for key in keys:
        _go_on(session, session.locked(Park, key), without=tenant)
    if len(keys) == AT_ONCE:
        schedule(session, FOLLOW, aggregate=tenant, due_at=session.clock.now())


def _go_on(session: Session, park: Park, *, without: UUID) -> None:
    was_set = park.dissolves_on is not None
    park.parties, park.consents = rules.without(without, parties=park.parties, consents=park.consents)
    forget_unsupported(park)
    session.publish(park, ParkRevised(changes=plain({"parties": park.parties})))
    for action in _agreed(session, park, was_set=was_set)[:1]:
        AGREED[action](session, park)
    revision = open_revision(session, park)
    if revision is not None and park.dissolves_on is None:
        _sign_off(session, park, agreement=session.locked(Agreement, agreement_id(park, revision)))


def _agreed(session: Session, park: Park, *, was_set: bool) -> list[str]:
    """What waits for nobody any more; a day that is over is none on which a park ends, so another is proposed."""
    day, today = park.dissolves_on, day_of(session.clock.now())
    counts = {"resume": True, "dissolve": not was_set and day is not None and day > today, "call_off": was_set}
    return [action for action in rules.agreed_by_all(park.state, park.consents, parties=park.parties) if counts[action]]


def _sign_off(session: Session, park: Park, *, agreement: Agreement) -> None:
    """In force if all who are left have signed; terms that name the one who left wait to be amended."""
    left = session.directory.staying(session, agreement.party_ids)
    try:
        agreement_rules.check_parties_stay(agreement.terms, rules.tenants(park.parties))
    except ConflictError:
        return
    if not {str(tenant) for tenant in left} & set(countersigning.missing(agreement)):
        agreement.party_ids = left
        conclude(session, park, agreement=agreement)
