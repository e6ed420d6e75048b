"""What follows for parks when a tenant has left the platform: it is no party any more, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.canonical import plain
from events.parks import ParkRevised
from services.parks.commands.agreements import AGREEMENTS
from services.parks.commands.cards import renew_card
from services.parks.commands.dissolving import call_off, forget_unsupported, start
from services.parks.commands.parks import resume
from services.parks.domain import park as rules
from services.parks.domain.terms import tenants_gone
from services.parks.models import Agreement, Park, agreement_id
from shared.core.calendar import day_of
from shared.journal.session import Session
from shared.journal.timers import schedule, timer

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
        park = session.locked(Park, key)
        was_set = park.dissolves_on is not None
        park.parties, park.consents = rules.without(tenant, parties=park.parties, consents=park.consents)
        forget_unsupported(park)
        session.publish(park, ParkRevised(changes=plain({"parties": park.parties})))
        renew_card(session, park)
        # What waits for nobody any more; a day that is over is none on which a park ends, so another is proposed.
        day, today = park.dissolves_on, day_of(session.clock.now())
        counts = {"resume": True, "dissolve": not was_set and day is not None and day > today, "call_off": was_set}
        agreed = rules.agreed_by_all(park.state, park.consents, parties=park.parties)
        for action in [action for action in agreed if counts[action]][:1]:
            AGREED[action](session, park)
        revision = AGREEMENTS.on_table(session, park)
        if revision is not None and park.dissolves_on is None:
            agreement = session.locked(Agreement, agreement_id(park, revision))
            # Terms that name the one who left wait to be amended.
            if not tenants_gone(agreement.terms, park.parties):
                AGREEMENTS.go_on_without(session, park, row=agreement)
    if len(keys) == AT_ONCE:
        schedule(session, FOLLOW, aggregate=tenant, due_at=session.clock.now())
