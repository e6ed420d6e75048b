"""Writes of parks: drafted, revised, suspended, resumed, and withdrawn while they are drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.canonical import plain
from events.parks import ConsentGiven, ParkDrafted, ParkResumed, ParkRevised, ParkSuspended, ParkWithdrawn
from events.text import FreeText
from services.parks.commands import checking
from services.parks.commands.agreements import AGREEMENTS
from services.parks.commands.cards import renew_card
from services.parks.domain import dissolving, entry_rules
from services.parks.domain import park as rules
from services.parks.domain.park import PARK_LIFECYCLE, Party
from services.parks.models import Park
from shared.commands.registry import command
from shared.journal.session import Session

ATTRIBUTES = {"kind": "park_kind"}
"""Names of the API whose attribute of the row is called otherwise."""


def draft_park(session: Session, *, confirm_duplicate: bool = False, **described: Any) -> Park:
    """A new park whose home is the acting tenant; all parties see it as a draft.

    Raises `ConflictError` for one that is there already, unless told to go on all the same.
    """
    parties = described["parties"]
    rules.check_parties(parties, kind=described["kind"], home=session.context.tenant_id)
    rules.check_period(described["starts_on"], described["ends_on"])
    checking.check_divisions(session, (described["location"], parties), since=described["starts_on"])
    checking.check_active(session, parties)
    if not confirm_duplicate:
        checking.check_new(session, described["name_zh"], parties=_party_ids(parties))
    park = session.create(
        Park,
        parties=_party_ids(parties),
        state=PARK_LIFECYCLE.initial,
        consents=rules.no_consents(),
        current_agreement=None,
        next_revision=1,
        reason_digest=None,
        dissolution=None,
    )
    _describe(park, {**described, "entry_rules": entry_rules.with_rules([], described.get("entry_rules", ()))})
    session.publish(
        park, ParkDrafted(name_zh=park.name_zh, kind=park.park_kind, cites=entry_rules.cites(park.entry_rules))
    )
    return park


@command("parks.park.revise", Park)
def revise_park(session: Session, park_id: UUID, **changes: Any) -> Park:
    """Change the description before the park is in force; who is named no longer learns that it has left."""
    park = session.locked(Park, park_id)
    changed = {name: value for name, value in changes.items() if getattr(park, ATTRIBUTES.get(name, name)) != value}
    has_open_proposal = AGREEMENTS.on_table(session, park) is not None
    before = None if "starts_on" in changed else (park.location, park.parties)
    if "parties" in changed:
        dissolving.check_parties_stay(park.dissolution)
    rules.check_revision(park.state, changes_parties="parties" in changed, has_open_proposal=has_open_proposal)
    _describe(park, changed)
    rules.check_parties(park.parties, kind=park.park_kind, home=park.home_id)
    rules.check_period(park.starts_on, park.ends_on)
    checking.check_divisions(session, (park.location, park.parties), since=park.starts_on, before=before)
    if "parties" in changed:
        checking.check_active(session, park.parties, known=park.party_ids)
        park.party_ids = _party_ids(park.parties)
    if changed:
        session.publish(park, ParkRevised(changes=plain(changed)))
    return park


def _describe(park: Park, described: Mapping[str, Any]) -> None:
    for name, value in described.items():
        setattr(park, ATTRIBUTES.get(name, name), value)


def _party_ids(parties: Sequence[Party]) -> list[UUID]:
    return sorted(UUID(name) for name in rules.tenants(parties))


@command("parks.park.suspend", Park)
def suspend_park(session: Session, park_id: UUID, *, reason: FreeText) -> Park:
    """Any party alone may suspend."""
    park = session.locked(Park, park_id)
    PARK_LIFECYCLE.move(park, "suspend")
    park.consents, park.reason_digest = rules.after_suspension(park.consents), reason.digest
    session.publish(park, ParkSuspended(reason=reason))
    renew_card(session, park)
    return park


@command("parks.park.resume", Park)
def resume_park(session: Session, park_id: UUID) -> Park:
    """Agree to go on; the last party's consent resumes the park."""
    park = session.locked(Park, park_id)
    if all_consent(session, park, action="resume"):
        resume(session, park)
    return park


def resume(session: Session, park: Park) -> None:
    """All have agreed."""
    PARK_LIFECYCLE.move(park, "resume")
    if park.dissolves_on is None:
        # Whoever resumes wants the park to go on: an earlier consent to dissolve it counts no more.
        park.consents, park.dissolution = rules.no_consents(), None
    park.consents, park.reason_digest = {**park.consents, "resume": []}, None
    session.publish(park, ParkResumed())
    renew_card(session, park)


def all_consent(session: Session, park: Park, *, action: str) -> bool:
    """Record the acting party's consent; publishes it unless it was the last one."""
    PARK_LIFECYCLE.target(park.state, action)
    park.consents, complete = rules.give_consent(
        park.consents, action, tenant=session.context.party, parties=park.parties
    )
    if not complete:
        session.publish(park, ConsentGiven(action=action))
    return complete


@command("parks.park.withdraw", Park)
def withdraw_park(session: Session, park_id: UUID, *, reason: FreeText) -> Park:
    """Take back one's own draft, for good."""
    park = session.locked(Park, park_id)
    rules.check_drafter(session.context.party, park.home_id)
    PARK_LIFECYCLE.move(park, "withdraw")
    park.reason_digest = reason.digest
    session.publish(park, ParkWithdrawn(reason=reason, cites=()))
    return park
