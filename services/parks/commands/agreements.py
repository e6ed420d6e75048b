"""Writes of agreements: what a park adds to revisions that all its parties sign."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from events import parks as events
from events.text import FreeText
from services.parks.commands import checking
from services.parks.commands.cards import issue_card
from services.parks.domain import park as rules
from services.parks.domain.terms import check_parties_stay, check_terms
from services.parks.models import Agreement, Park
from shared.commands.registry import command
from shared.countersigned.commands import Revisions
from shared.countersigned.revision import check_none_open
from shared.journal.session import Session


def _follow(session: Session, park: Park, *, revision: Agreement) -> None:
    """What the park becomes once all have signed, and once that is in force: the later revision counts."""
    number, state = revision.revision, park.state
    if revision.state == "agreed":
        park.state = rules.after_signing(state)
        if park.state != state:
            session.publish(park, events.ParkAgreed(revision=number, effective_from=revision.effective_from))
        return
    is_first = park.current_agreement is None
    change = events.ParkActivated if is_first else events.CurrentAgreementChanged
    park.state, park.current_agreement = rules.after_beginning(state), number
    session.publish(park, change(revision=number))
    if is_first:
        issue_card(session, park, agreement=revision)


AGREEMENTS = Revisions(
    subject=Park,
    kind=Agreement,
    proposed=lambda row: events.AgreementProposed(
        park=row.park_id, revision=row.revision, content_hash=row.content_hash
    ),
    amended=events.AgreementAmended,
    signed=events.AgreementSigned,
    refused=events.AgreementRefused,
    withdrawn=events.AgreementWithdrawn,
    agreed=events.AgreementAgreed,
    in_force=events.AgreementInForce,
    superseded=events.AgreementSuperseded,
    ended=events.AgreementEnded,
    reminded=events.AgreementReminded,
    concluded=_follow,
)


@command("parks.park.propose", Park)
def propose_agreement(
    session: Session, park_id: UUID, *, confirm_duplicate: bool = False, sign_by: date | None = None, **content: Any
) -> Agreement:
    """Put the next revision on the table; it is not signed by proposing it.

    Raises `ConflictError` for a content that is there already, unless told to go on all the same.
    """
    park = session.locked(Park, park_id)
    rules.check_goes_on(park.state, ends_on=park.dissolves_on)
    check_none_open(AGREEMENTS.on_table(session, park))
    check_terms(content["terms"], park.parties)
    if not confirm_duplicate:
        checking.check_new_content(session, park, content_hash=Agreement.hash_of(content))
    revision = park.next_revision
    park.state, park.next_revision = rules.after_proposal(park.state), revision + 1
    session.publish(park, events.NegotiationOpened(revision=revision))
    return AGREEMENTS.propose(session, park, revision=revision, content=content, sign_by=sign_by)


@command("parks.agreement.amend", Agreement)
def amend_agreement(session: Session, agreement_id: UUID, **changes: Any) -> Agreement:
    """Change terms, attachments or effective date; every signature given so far is void."""
    park, agreement = AGREEMENTS.locked(session, agreement_id, action="amend")
    rules.check_goes_on(park.state, ends_on=park.dissolves_on)
    check_terms(changes.get("terms", agreement.terms), park.parties)
    return AGREEMENTS.amend(session, agreement, changes=changes)


@command("parks.agreement.sign", Agreement)
def sign_agreement(session: Session, agreement_id: UUID, *, content_hash: str) -> Agreement:
    """Sign the content one has read; the last party's signature makes the revision hold, on its day."""
    park, agreement = AGREEMENTS.locked(session, agreement_id, action="sign")
    rules.check_goes_on(park.state, ends_on=park.dissolves_on)
    check_parties_stay(agreement.terms, park.parties)
    return AGREEMENTS.sign(session, park, row=agreement, content_hash=content_hash)


@command("parks.agreement.refuse", Agreement)
def refuse_agreement(session: Session, agreement_id: UUID, *, reason: FreeText) -> Agreement:
    """Refuse the revision; a new one can then be proposed."""
    return AGREEMENTS.refuse(session, agreement_id, reason=reason)


@command("parks.agreement.withdraw", Agreement)
def withdraw_agreement(session: Session, agreement_id: UUID, *, reason: FreeText) -> Agreement:
    """Take one's own proposal back, for good, while nobody else has signed it."""
    return AGREEMENTS.withdraw(session, agreement_id, reason=reason)
