"""A case is locked, whoever acts is asked for their right, its state moves, and who comes is told what was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from events.text import FreeText
from services.requests.domain.cases import CASE_LIFECYCLE, check_turn
from services.requests.models import Case
from shared.evidence.texts import again
from shared.journal.session import Session


def moved(session: Session, key: UUID, *, action: str) -> Case:
    """Raises `ConflictError` where the state does not allow it, `RefusedError` where it is not the actor's to do."""
    case = session.locked(Case, key)
    CASE_LIFECYCLE.target(case.state, action)
    check_turn(case.situation, action=action, by=session.context.party)
    CASE_LIFECYCLE.move(case, action)
    return case


def one_at_a_time(session: Session, key: UUID) -> None:
    """Of this tenant's people, in what changes no state of the case: what was asked first still holds when it is done.

    A case that is at home elsewhere arrives meanwhile all the same.
    """
    name = f"requests.cases/{session.context.tenant_id}/{key}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def set_all(case: Case, values: Mapping[str, Any]) -> None:
    """Give the columns of these names these values."""
    for name, value in values.items():
        setattr(case, name, value)


def told_again(session: Session, case: Case) -> dict[str, FreeText | None]:
    """Applicant and answers, for a party that comes now."""
    return {
        "applicant": again(session, case.id, digest=case.applicant_digest),
        "answers": again(session, case.id, digest=case.answers_digest),
    }
