"""Writes of parks: drafted, revised, suspended, resumed and dissolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from events.canonical import plain
from events.parks import (
    AgreementEnded,
    ConsentGiven,
    DissolutionStarted,
    ParkDissolved,
    ParkDrafted,
    ParkResumed,
    ParkRevised,
    ParkSuspended,
)
from events.text import FreeText
from services.parks.commands import checking
from services.parks.commands.agreements import open_revision, signed_by_all
from services.parks.domain import entry_rules
from services.parks.domain import park as rules
from services.parks.domain.agreement import AGREEMENT_LIFECYCLE
from services.parks.domain.park import PARK_LIFECYCLE, Party
from services.parks.models import Agreement, Park, agreement_id
from shared.commands import command
from shared.days import day_of, start_of
from shared.db import Session
from shared.timers import schedule, timer

ATTRIBUTES = {"kind": "park_kind"}
"""Names of the API whose attribute of the row is called otherwise."""


def draft_park(session: Session, **described: Any) -> Park:
    """A new park whose home is the acting tenant; all parties see it as a draft."""
    parties = described["parties"]
    rules.check_parties(parties, kind=described["kind"], home=session.context.tenant_id)
    rules.check_period(described["starts_on"], described["ends_on"])
    checking.check_divisions(session, (described["location"], parties), since=described["starts_on"])
    checking.check_listed(session, parties)
    park = session.create(
        Park, parties=_party_ids(parties), state=PARK_LIFECYCLE.initial, consents=rules.no_consents(),
        current_agreement=None, next_revision=1, reason_digest=None,
    )  # fmt: skip
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
    has_open_proposal = open_revision(session, park) is not None
    before = None if "starts_on" in changed else (park.location, park.parties)
    rules.check_revision(park.state, changes_parties="parties" in changed, has_open_proposal=has_open_proposal)
    _describe(park, changed)
    rules.check_parties(park.parties, kind=park.park_kind, home=park.home_id)
    rules.check_period(park.starts_on, park.ends_on)
    checking.check_divisions(session, (park.location, park.parties), since=park.starts_on, before=before)
    if "parties" in changed:
        checking.check_listed(session, park.parties, known=park.party_ids)
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
    return park


@command("parks.park.resume", Park)
def resume_park(session: Session, park_id: UUID) -> Park:
    """Agree to go on; the last party's consent resumes the park."""
    park = session.locked(Park, park_id)
    if _all_consent(session, park, action="resume"):
        resume(session, park)
    return park


def resume(session: Session, park: Park) -> None:
    """All have agreed."""
    PARK_LIFECYCLE.move(park, "resume")
    # Whoever resumes wants the park to go on: an earlier consent to dissolve it counts no more.
    park.consents, park.reason_digest = rules.no_consents(), None
    session.publish(park, ParkResumed())


@command("parks.park.dissolve", Park)
def dissolve_park(session: Session, park_id: UUID) -> Park:
    """Agree to dissolve; with the last party's consent the notice of the agreement in force begins to run."""
    park = session.locked(Park, park_id)
    if _all_consent(session, park, action="dissolve"):
        dissolve(session, park)
    return park


def dissolve(session: Session, park: Park) -> None:
    """All have agreed: the notice begins to run."""
    PARK_LIFECYCLE.move(park, "dissolve")
    due_on = day_of(session.clock.now()) + timedelta(days=_notice_days(session, park))
    schedule(session, "parks.park.complete_dissolution", aggregate=park.id, due_at=start_of(due_on))
    session.publish(park, DissolutionStarted(due_on=due_on))


def _all_consent(session: Session, park: Park, *, action: str) -> bool:
    """Record the acting party's consent; publishes it unless it was the last one."""
    PARK_LIFECYCLE.target(park.state, action)
    park.consents, complete = rules.give_consent(
        park.consents, action, tenant=session.context.party, parties=park.parties
    )
    if not complete:
        session.publish(park, ConsentGiven(action=action))
    return complete


def _notice_days(session: Session, park: Park) -> int:
    if park.current_agreement is None:
        return 0
    current = session.one(Agreement, agreement_id(park, park.current_agreement))
    return int(current.terms["exit"]["notice_days"])


@timer("parks.park.complete_dissolution")
def complete_dissolution(session: Session, park_id: UUID, _params: Mapping[str, Any]) -> None:
    """The notice has run out: the park is dissolved and what was in force ends."""
    park = session.locked(Park, park_id)
    PARK_LIFECYCLE.move(park, "complete")
    session.publish(park, ParkDissolved(cites=()))
    for agreement in signed_by_all(session, park):
        AGREEMENT_LIFECYCLE.move(agreement, "end")
        session.publish(agreement, AgreementEnded())
