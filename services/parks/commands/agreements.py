"""Writes of agreements: proposed, amended, signed, refused, withdrawn, and what follows when all have signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.canonical import plain
from events.parks import (
    AgreementAgreed,
    AgreementAmended,
    AgreementInForce,
    AgreementProposed,
    AgreementRefused,
    AgreementReminded,
    AgreementSigned,
    AgreementSuperseded,
    AgreementWithdrawn,
    CurrentAgreementChanged,
    NegotiationOpened,
    ParkActivated,
    ParkAgreed,
)
from events.text import FreeText
from services.parks.commands import checking
from services.parks.domain import agreement as rules
from services.parks.domain.agreement import AGREEMENT_LIFECYCLE
from services.parks.domain.park import after_beginning, after_proposal, after_signing, check_goes_on, tenants
from services.parks.domain.terms import check_terms, content_hash
from services.parks.models import SIGN_COMMAND, Agreement, Park, agreement_nonce
from shared.commands.registry import command
from shared.commands.reminding import ask_to_sign, reminds
from shared.core.calendar import day_of, start_of
from shared.files.citing import check_cited
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.rules import countersigning

TAKE_EFFECT = "parks.agreement.take_effect"
"""The timer of a revision that all have signed for a day to come."""


reminds(Agreement.kind, AgreementReminded)


@command("parks.park.propose", Park)
def propose_agreement(
    session: Session, park_id: UUID, *, confirm_duplicate: bool = False, **proposed: Any
) -> Agreement:
    """Put the next revision on the table; it is not signed by proposing it.

    Raises `ConflictError` for a content that is there already, unless told to go on all the same.
    """
    park = session.locked(Park, park_id)
    terms, attachments, effective_from = (proposed[name] for name in ("terms", "attachments", "effective_from"))
    check_goes_on(park.state, ends_on=park.dissolves_on)
    state = after_proposal(park.state)
    rules.check_proposal(open_revision(session, park))
    check_terms(terms, park.parties)
    countersigning.check_room(plain([terms, attachments]), signers=len(park.party_ids))
    check_cited(session, attachments, pointer="/attachments")
    hashed, revision = content_hash(terms, attachments, effective_from=effective_from), park.next_revision
    if not confirm_duplicate:
        checking.check_new_content(session, park, content_hash=hashed)
    park.state, park.next_revision = state, revision + 1
    session.publish(park, NegotiationOpened(revision=revision))
    agreement = session.create(
        Agreement, parties=park.party_ids, nonce=agreement_nonce(park.id, revision), park_id=park.id,
        revision=revision, state=AGREEMENT_LIFECYCLE.initial, terms=terms, attachments=attachments,
        effective_from=effective_from, content_hash=hashed,
        proposer=session.context.party, signatures=[], refused_by=None, reason_digest=None,
    )  # fmt: skip
    ask_to_sign(session, agreement, by=proposed.get("sign_by"))
    change = AgreementProposed(park=park.id, revision=revision, content_hash=agreement.content_hash)
    session.publish(agreement, change)
    return agreement


@command("parks.agreement.amend", Agreement)
def amend_agreement(session: Session, agreement_id: UUID, **changes: Any) -> Agreement:
    """Change terms, attachments or effective date; every signature given so far is void."""
    park, agreement = _locked(session, agreement_id)
    AGREEMENT_LIFECYCLE.move(agreement, "amend")
    check_goes_on(park.state, ends_on=park.dissolves_on)
    check_terms(changes.get("terms", agreement.terms), park.parties)
    content = [changes.get(name, getattr(agreement, name)) for name in ("terms", "attachments")]
    countersigning.check_room(plain(content), signers=len(park.party_ids))
    check_cited(session, changes.get("attachments", ()), pointer="/attachments", before=agreement.attachments)
    amended = content_hash(
        changes.get("terms", agreement.terms),
        changes.get("attachments", agreement.attachments),
        effective_from=changes.get("effective_from", agreement.effective_from),
    )
    voided = countersigning.amend(agreement, amended)
    for name, value in changes.items():
        setattr(agreement, name, value)
    session.publish(agreement, AgreementAmended(content_hash=amended, voided=voided))
    return agreement


@command(SIGN_COMMAND, Agreement)
def sign_agreement(session: Session, agreement_id: UUID, *, content_hash: str) -> Agreement:
    """Sign the content one has read; the last party's signature makes the revision hold, on its day."""
    park, agreement = _locked(session, agreement_id)
    AGREEMENT_LIFECYCLE.move(agreement, "sign")
    check_goes_on(park.state, ends_on=park.dissolves_on)
    agreement.party_ids = session.directory.staying(session, agreement.party_ids)
    rules.check_parties_stay(agreement.terms, tenants(park.parties))
    if countersigning.sign(session, agreement, content_hash=content_hash):
        conclude(session, park, agreement=agreement)
    else:
        session.publish(agreement, AgreementSigned(content_hash=content_hash))
    return agreement


@command("parks.agreement.refuse", Agreement)
def refuse_agreement(session: Session, agreement_id: UUID, *, reason: FreeText) -> Agreement:
    """Refuse the revision; a new one can then be proposed."""
    _park, agreement = _locked(session, agreement_id)
    AGREEMENT_LIFECYCLE.move(agreement, "refuse")
    countersigning.check_refusal(session.context.party, agreement.proposer)
    agreement.refused_by, agreement.reason_digest = session.context.party, reason.digest
    session.publish(agreement, AgreementRefused(reason=reason))
    return agreement


@command("parks.agreement.withdraw", Agreement)
def withdraw_agreement(session: Session, agreement_id: UUID, *, reason: FreeText) -> Agreement:
    """Take one's own proposal back, for good, while nobody else has signed it."""
    _park, agreement = _locked(session, agreement_id)
    AGREEMENT_LIFECYCLE.move(agreement, "withdraw")
    countersigning.check_withdrawal(session.context.party, agreement.proposer)
    rules.check_unsigned([item["tenant"] for item in agreement.signatures], agreement.proposer)
    agreement.reason_digest = reason.digest
    session.publish(agreement, AgreementWithdrawn(reason=reason))
    return agreement


def _locked(session: Session, agreement_id: UUID) -> tuple[Park, Agreement]:
    """Both rows, the park's first: every command takes the locks in this order, so that none waits in a circle."""
    park = session.locked(Park, session.one(Agreement, agreement_id).park_id)
    return park, session.locked(Agreement, agreement_id)


def open_revision(session: Session, park: Park) -> int | None:
    """The revision that awaits signatures, if there is one."""
    proposed = Agreement.park_id == park.id, Agreement.state == "proposed"
    return session.scalars(select(Agreement.revision).where(*proposed)).first()


def signed_by_all(session: Session, park: Park) -> Sequence[Agreement]:
    """The revisions that all have signed, locked, oldest first: the current one and any that is yet to take effect."""
    concluded = Agreement.park_id == park.id, Agreement.state.in_(rules.SIGNED)
    keys = session.scalars(select(Agreement.id).where(*concluded).order_by(Agreement.revision)).all()
    return [session.locked(Agreement, key) for key in keys]


def conclude(session: Session, park: Park, *, agreement: Agreement) -> None:
    """All have signed: in force now, or agreed until its day."""
    state, day = after_signing(park.state), agreement.effective_from
    if day <= day_of(session.clock.now()):
        _begin(session, park, agreement=agreement, step="conclude")
        return
    AGREEMENT_LIFECYCLE.move(agreement, "agree")
    session.publish(agreement, AgreementAgreed(content_hash=agreement.content_hash, effective_from=day))
    schedule(session, TAKE_EFFECT, aggregate=agreement.id, due_at=start_of(day))
    if state != park.state:
        park.state = state
        session.publish(park, ParkAgreed(revision=agreement.revision, effective_from=day))


@timer(TAKE_EFFECT)
def take_effect(session: Session, agreement_id: UUID, _params: Mapping[str, Any]) -> None:
    """The day has come; nothing happens if the revision has ended or was superseded by a later one meanwhile."""
    park, agreement = _locked(session, agreement_id)
    if agreement.state == "agreed":
        _begin(session, park, agreement=agreement, step="begin")


def _begin(session: Session, park: Park, *, agreement: Agreement, step: str) -> None:
    """In force, and with it the park; the later will counts: earlier revisions end, also one for a day to come."""
    AGREEMENT_LIFECYCLE.move(agreement, step)
    session.publish(agreement, AgreementInForce(content_hash=agreement.content_hash))
    for earlier in signed_by_all(session, park):
        if earlier.revision < agreement.revision:
            AGREEMENT_LIFECYCLE.move(earlier, "supersede")
            session.publish(earlier, AgreementSuperseded(by_revision=agreement.revision))
    begins, revision = park.current_agreement is None, agreement.revision
    park.state, park.current_agreement = after_beginning(park.state), revision
    session.publish(park, ParkActivated(revision=revision) if begins else CurrentAgreementChanged(revision=revision))
