"""The dry run: the tenant's logged checks, each asked again as things were known then, under a supposition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from services.standards.domain.dry_run import Outcome, Past, Supposition
from services.standards.domain.recognition import Asked
from services.standards.models import Check
from services.standards.queries.checking import Inquiry, evidences, question_of
from shared.core.calendar import start_of
from shared.core.errors import ConflictError
from shared.journal.session import Session

MOST = 20_000
"""About ten seconds of work, well within what a request may take."""
STEP = 1000
"""Checks whose evidence is in memory at a time."""


@dataclass(frozen=True)
class DryRun:
    """The outcome over the newest checks since a day; `complete` is False when there were more than are examined."""

    since: date
    outcome: Outcome
    complete: bool


def dry_run(session: Session, supposition: Supposition, *, since: date) -> DryRun:
    """Reads alone: nothing is written and nothing published. Raises `ConflictError` while another one runs here."""
    _one_at_a_time(session)
    outcome = Outcome()
    asked = Check.asked_at >= start_of(since), Check.asked_in == session.context.tenant_id
    newest = select(Check).where(*asked).order_by(Check.asked_at.desc(), Check.id.desc()).limit(MOST + 1)
    checks = session.scalars(newest).all()
    for begin in range(0, min(len(checks), MOST), STEP):
        for past in _pasts(session, checks[begin : min(begin + STEP, MOST)]):
            outcome.take(past, supposition)
    return DryRun(since, outcome, len(checks) <= MOST)


def _one_at_a_time(session: Session) -> None:
    """It keeps a process busy for seconds: one tenant must not occupy them all."""
    name = f"standards/dry-run/{session.context.tenant_id}"
    if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))):
        raise ConflictError(
            "dry_run_under_way",
            "本辖区正在进行另一次试算。请等其结束(通常不到半分钟)后重试。",
            "Another dry run of your tenant is under way. Wait for its end, usually half a minute at most, and retry.",
        )


def _pasts(session: Session, checks: Sequence[Check]) -> Iterator[Past]:
    inquiries = [
        Inquiry(
            number=check.number,
            tenant=session.context.tenant_id,
            asked=Asked.read(check.asked_for),
            asked_for=check.asked_for,
            as_of=check.as_of,
            known_at=check.known_at,
        )
        for check in checks
    ]
    for check, inquiry, evidence in zip(checks, inquiries, evidences(session, inquiries), strict=True):
        yield Past(
            id=check.id,
            number=check.number,
            asked_for=check.asked_for,
            asked_at=check.asked_at,
            known_at=check.known_at,
            question=question_of(inquiry, check.as_of),
            evidence=evidence,
            counted=check.counts,
        )
