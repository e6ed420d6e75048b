"""Who works on a case within one jurisdiction: claimed from the pool, handed over, put back, looked at again on a day.

Kept by that jurisdiction alone, in no event: the other side sees a case and its clock, not whose desk it lies on.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.requests.commands.moving import one_at_a_time
from services.requests.domain.scopes import DECIDE
from services.requests.models import Assignment, Case, FormerAssignment
from shared.core.errors import ConflictError, RefusedError
from shared.database.rows import table_of
from shared.journal.session import Session


def claim_case(session: Session, key: UUID) -> Case:
    """Take it from the pool; raises `ConflictError` where somebody has it, also where both press at the same moment."""
    one_at_a_time(session, key)
    case, me = session.one(Case, key), session.context.actor_id
    if not case.is_open_here:
        raise ConflictError(
            "not_open_here",
            "此件未在贵辖区办理中,不能认领:尚未提交、已经结束,或已转给其他辖区。请刷新列表。",
            "Your jurisdiction has nothing to do for this case now: it is not filed yet, is over, or went to another"
            " jurisdiction. Reload the list.",
        )
    check_second(session, case, person=me)
    table = table_of(Assignment)
    new = insert(table).values(
        tenant_id=session.context.tenant_id, case_id=case.id, person=me, since=session.clock.now(),
        reopened=case.reopened, follow_up_on=None,
    )  # fmt: skip
    taken = session.scalar(new.on_conflict_do_nothing().returning(table.c.person))
    if taken is None and _assignment(session, key).person != me:
        raise ConflictError(
            "claimed",
            "此件已有同事认领。请选择其他办件,或请对方转交。",
            "A colleague has claimed this case. Choose another one, or ask them to hand it over.",
        )
    return case


def hand_over_case(session: Session, key: UUID, *, to: UUID) -> Case:
    """Give one's own case to a colleague."""
    held = _own(session, key)
    case = session.one(Case, key)
    check_second(session, case, person=str(to))
    _note_former(session, held)
    held.person, held.since, held.reopened = str(to), session.clock.now(), case.reopened
    return case


def put_back_case(session: Session, key: UUID) -> Case:
    """Put one's own case back into the pool; whoever decides puts back a colleague's, too, who may have left."""
    held = _own(session, key, unless=DECIDE)
    _note_former(session, held)
    session.delete(held)
    return session.one(Case, key)


def follow_up_case(session: Session, key: UUID, *, on: date | None) -> Case:
    """Look at it again on this day, which is one's own and changes no term; none where it is left out."""
    _own(session, key).follow_up_on = on
    return session.one(Case, key)


def release_case(session: Session, key: UUID, *, reopened: int) -> None:
    """Take a case that was reopened from who had it before: somebody else handles it the second time (our own rule)."""
    one_at_a_time(session, key)
    held = session.get(Assignment, (session.context.tenant_id, key))
    if held is not None and held.reopened < reopened:
        _note_former(session, held)
        session.delete(held)
        session.flush()


def check_second(session: Session, case: Case, *, person: str) -> None:
    """Raises `ConflictError` for whoever of its handler had it before the applicant was not content.

    Asked `one_at_a_time`, as what it asks about is written.
    """
    is_handler = case.handler == session.context.tenant_id
    if is_handler and had_before(session, case.id, person=person, reopened=case.reopened):
        raise ConflictError(
            "handled_before",
            "申请人要求重新办理,此件须由另一位同事办理。请留给同事认领。",
            "The applicant had this case reopened, so another colleague handles it now. Leave it in the pool.",
        )


def had_before(session: Session, key: UUID, *, person: str, reopened: int) -> bool:
    """Whether they had it, and lost it, when it had been reopened less often."""
    former = session.get(FormerAssignment, (session.context.tenant_id, key, person))
    return former is not None and former.reopened < reopened


def _note_former(session: Session, held: Assignment) -> None:
    """The first time that they have it counts."""
    known = {"case_id": held.case_id, "person": held.person, "reopened": held.reopened}
    new = insert(table_of(FormerAssignment)).values(tenant_id=held.tenant_id, **known)
    session.execute(new.on_conflict_do_nothing())


def _assignment(session: Session, key: UUID) -> Assignment:
    found = session.get(Assignment, (session.context.tenant_id, key))
    if found is None:
        raise ConflictError("not_claimed", "此件尚未认领。请先认领。", "Nobody has claimed this case. Claim it first.")
    return found


def _own(session: Session, key: UUID, *, unless: str = "") -> Assignment:
    """Raises `RefusedError` where it is a colleague's, `unless` the actor holds this scope."""
    one_at_a_time(session, key)
    session.one(Case, key)
    found = _assignment(session, key)
    if found.person != session.context.actor_id and unless not in session.context.scopes:
        raise RefusedError(
            "not_your_case", "此件由同事办理。请联系对方。", "This is a colleague's case. Get in touch with them."
        )
    return found
