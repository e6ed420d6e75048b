"""A consequence closed by the dependant's tenant, and what is then done to a certificate of its own."""

from __future__ import annotations

from uuid import UUID

from events.standards import ConsequenceClosed
from events.text import FreeText
from services.standards.commands import certificates
from services.standards.commands.consequences import ESCALATE
from services.standards.commands.dependencies import broken_dependencies, cited_id
from services.standards.domain import consequences as rules
from services.standards.domain.dependencies import Dependant, cause_key
from services.standards.domain.lifecycles import CERTIFICATE_LIFECYCLE, CONSEQUENCE_LIFECYCLE
from services.standards.models import Certificate, Consequence
from shared.commands.registry import command
from shared.core.errors import ConflictError, RefusedError
from shared.evidence import audit
from shared.journal.session import Session
from shared.journal.timers import cancel


@command("standards.consequence.close", Consequence)
def close_consequence(session: Session, key: UUID, *, outcome: str, reason: FreeText | None) -> Consequence:
    """What became of the dependant; its service does the rest when it hears of it, for a certificate it is done here.

    The dependant's tenant alone decides: its own people are refused elsewhere, the origin's here.
    """
    row = session.locked(Consequence, key)
    if session.context.party != row.home_id:
        zh, en = "只有依附于它的事项所属的辖区可以处置。", "Only the tenant of what is to be dealt with decides this."
        raise RefusedError("dependants_tenant_only", zh, en)
    rules.check_outcome(row.purpose, outcome, has_reason=reason is not None)
    if outcome == "restored":
        _check_carried(session, row)
    CONSEQUENCE_LIFECYCLE.move(row, "close")
    row.outcome, row.reason_digest = outcome, None if reason is None else reason.digest
    cancel(session, ESCALATE, aggregate=key)
    session.publish(
        row,
        ConsequenceClosed(
            outcome=outcome,
            dependant_kind=row.dependant_kind,
            dependant=row.dependant_id,
            reference=row.reference,
            reason=reason,
        ),
    )
    if row.dependant_kind == Certificate.kind:
        _do_to_certificate(session, row, reason=reason or FreeText(f"{row.cause_key}: {row.cause_state}"))
    audit.detail(session, subject=str(key), before={"state": "open"}, after={"state": row.state, "outcome": outcome})
    return row


def _check_carried(session: Session, row: Consequence) -> None:
    """Raises `ConflictError` while anything it rests on does not count, be the cause right again or not."""
    one = Dependant(row.dependant_kind, row.dependant_id, row.reference, cited_id(session, row.reference))
    gone = [cause_key(each.cause.kind, each.cause.document) for each in broken_dependencies(session, [one])]
    if gone:
        zh, en = "、".join(gone), ", ".join(gone)
        raise ConflictError(
            "ground_gone",
            f"它所依据的其他依据目前仍不作数:{zh}。请待其恢复后再处置;不再恢复的,选择“保留”并说明理由。",
            f"It also rests on what does not count now: {en}. Wait until that counts again, or leave it as it is "
            "('kept', with a reason).",
        )


def _do_to_certificate(session: Session, row: Consequence, *, reason: FreeText) -> None:
    """Suspend, revoke or restore it, where it is not so already."""
    key = row.dependant_id
    possible = CERTIFICATE_LIFECYCLE.actions(session.locked(Certificate, key).state)
    if row.outcome == "suspended" and "suspend" in possible:
        certificates.suspend_certificate(session, key, reason=reason)
    elif row.outcome == "removed" and "revoke" in possible:
        certificates.revoke_certificate(session, key, reason=reason)
    elif row.outcome == "restored" and "reinstate" in possible:
        certificates.reinstate_certificate(session, key)
    elif row.outcome == "restored" and "restore" in possible:
        certificates.restore_certificate(session, key, reason=reason)
