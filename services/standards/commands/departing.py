"""What follows when a tenant has left the platform: projects and standards go on without it, recognitions end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, or_, select

from events.canonical import instant
from events.standards import RecognitionEnded
from services.standards.commands import projects, standards
from services.standards.commands.recognitions import keep_time
from services.standards.domain.lifecycles import RECOGNITION_LIFECYCLE
from services.standards.domain.projects import OPEN
from services.standards.models import Project, Recognition, Standard
from shared.journal.session import Session
from shared.journal.timers import schedule, timer

FOLLOW = "standards.standard.follow_departure"
AT_ONCE = 50
"""Of each kind in one transaction; the next ones have one of their own."""


@timer(FOLLOW)
def follow_departure(session: Session, tenant: UUID, _params: Mapping[str, Any]) -> None:
    """At the home of each of them."""
    if tenant == session.context.tenant_id:
        return
    party = any_(Project.party_ids) == tenant
    opened = _keys(session, Project, party, Project.state.in_(OPEN))
    for key in opened:
        projects.go_on_without(session, session.locked(Project, key), issuer=tenant)
    # Few wait for a word about their end; the others are looked at when they change, and lose the party then.
    waiting = _keys(session, Standard, any_(Standard.party_ids) == tenant, Standard.ends.is_not(None), most=None)
    for key in waiting:
        standards.go_on_without(session, session.locked(Standard, key))
    sides = or_(Recognition.recogniser == tenant, Recognition.recognised == tenant)
    held = _keys(session, Recognition, sides, Recognition.state != "ended")
    for key in held:
        row = session.locked(Recognition, key)
        own = {"by": str(row.home_id), "at": instant(session.clock.now())}
        row.ends = [*(end for end in row.ends if end["by"] != own["by"]), own]
        RECOGNITION_LIFECYCLE.move(row, "end")
        keep_time(session, row)
        session.publish(row, RecognitionEnded(reason=None))
    if AT_ONCE in (len(opened), len(held)):
        schedule(session, FOLLOW, aggregate=tenant, due_at=session.clock.now())


def _keys(session: Session, kind: Any, *which: Any, most: int | None = AT_ONCE) -> Sequence[UUID]:
    own = kind.home_id == session.context.tenant_id
    return session.scalars(select(kind.id).where(own, *which).order_by(kind.id).limit(most)).all()
