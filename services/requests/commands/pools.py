"""Who works on a case within one jurisdiction: claimed from the pool, handed over, put back, looked at again on a day.

Kept by that jurisdiction alone, in no event: the other side sees a case and its clock, not whose desk it lies on.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.requests.models import Assignment, Case, FormerAssignment
from shared.core.errors import ConflictError, RefusedError
from shared.database.rows import table_of
from shared.journal.session import Session


def claim_case(session: Session, key: UUID) -> Case:
    """Take it from the pool; raises `ConflictError` where somebody has it, also where both press at the same moment."""
    case, me = session.one(Case, key), session.context.actor_id
    check_second(session, key, person=me)
    table = table_of(Assignment)
    new = insert(table).values(
        tenant_id=session.context.tenant_id, case_id=case.id, person=me, since=session.clock.now(), follow_up_on=None
    )
    taken = session.scalar(new.on_conflict_do_nothing().returning(table.c.person))
    if taken is None and assignment(session, key).person != me:
        raise ConflictError(
            "claimed",
            "此件已有同事认领。请选择其他办件,或请对方转交。",
            "A colleague has claimed this case. Choose another one, or ask them to hand it over.",
        )
    return case


def hand_over_case(session: Session, key: UUID, *, to: UUID) -> Case:
    """Give one's own case to a colleague."""
    case, held = session.one(Case, key), _own(session, key)
    check_second(session, key, person=str(to))
    held.person, held.since = str(to), session.clock.now()
    return case


def put_back_case(session: Session, key: UUID) -> Case:
    """Put one's own case back into the pool."""
    case = session.one(Case, key)
    session.delete(_own(session, key))
    return case


def follow_up_case(session: Session, key: UUID, *, on: date | None) -> Case:
    """Look at it again on this day, which is one's own and changes no term; none where it is left out."""
    case = session.one(Case, key)
    _own(session, key).follow_up_on = on
    return case


def release_case(session: Session, key: UUID) -> None:
    """Take a case that was reopened from whoever has it: somebody else handles it the second time (our own rule)."""
    held = session.get(Assignment, (session.context.tenant_id, key), with_for_update=True)
    if held is not None:
        session.add(FormerAssignment(case_id=key, person=held.person))
        session.delete(held)
        session.flush()


def check_second(session: Session, key: UUID, *, person: str) -> None:
    """Raises `ConflictError` for whoever has handled it before the applicant was not content."""
    if session.get(FormerAssignment, (session.context.tenant_id, key, person)) is not None:
        raise ConflictError(
            "handled_before",
            "申请人要求重新办理,此件须由另一位同事办理。请留给同事认领。",
            "The applicant had this case reopened, so another colleague handles it now. Leave it in the pool.",
        )


def assignment(session: Session, key: UUID, *, lock: bool = False) -> Assignment:
    """Whose it is; raises `ConflictError` while it lies in the pool."""
    where = session.context.tenant_id, key
    found = session.get(Assignment, where, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise ConflictError("not_claimed", "此件尚未认领。请先认领。", "Nobody has claimed this case. Claim it first.")
    return found


def _own(session: Session, key: UUID) -> Assignment:
    found = assignment(session, key, lock=True)
    if found.person != session.context.actor_id:
        raise RefusedError(
            "not_your_case", "此件由同事办理。请联系对方。", "This is a colleague's case. Get in touch with them."
        )
    return found
