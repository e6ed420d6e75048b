"""Writes of an organisation's description: revised, qualified, joined to an alliance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from events.canonical import plain
from events.catalog import Change
from events.entry import Actor, Entry
from events.organisations import (
    AllianceJoined,
    AllianceLeft,
    OrganisationQualified,
    OrganisationRevised,
    QualificationDecided,
    QualificationWithdrawn,
)
from events.standards import ConsequenceClosed
from services.organisations.commands.cards import renew_card
from services.organisations.commands.registering import check_division, check_is_tenants
from services.organisations.commands.search import keys_in, reindex
from services.organisations.commands.validity import watch_validity
from services.organisations.domain import codes, qualifications
from services.organisations.domain import organisation as rules
from services.organisations.models import Organisation
from shared.commands.registry import command
from shared.core.calendar import day_of, read_day
from shared.core.errors import RefusedError
from shared.database.rows import state_of
from shared.journal.session import Session

ATTRIBUTES = {"kind": "organisation_kind"}
"""Names of the API whose attribute of the row is called otherwise."""


def held(session: Session, key: UUID, *, action: str) -> Organisation:
    """The organisation, locked, for its home's people; raises `RefusedError` for others, `ConflictError` once ended."""
    row = session.locked(Organisation, key)
    if session.context.party != row.home_id:
        raise RefusedError(
            "home_only",
            "只有登记该机构的辖区可以执行此操作。请联系该辖区。",
            "Only the tenant that registered the organisation may do this. Ask that tenant.",
        )
    if action not in rules.OWN:
        check_is_tenants(session)
    rules.check_living(row.state, action)
    return row


@command("organisations.organisation.revise", Organisation)
def revise_organisation(session: Session, key: UUID, **changes: Any) -> Organisation:
    """Change the description; a change of the Chinese name keeps the one before as a former name."""
    row = held(session, key, action="revise")
    codes.check_sectors(changes.get("sectors", ()))
    if changes.get("division", row.division) != row.division:
        check_division(session, changes["division"])
    apply_revision(session, row, changes=changes)
    return row


def apply_revision(session: Session, row: Organisation, *, changes: Mapping[str, Any]) -> bool:
    """Write what differs; whether anything did."""
    named = {ATTRIBUTES.get(name, name): value for name, value in changes.items()}
    changed = {name: value for name, value in named.items() if getattr(row, name) != value}
    if not changed:
        return False
    before = keys_in(state_of(row))
    if "name_zh" in changed and "former_names" not in named:
        changed["former_names"] = rules.former_names(row.former_names, old=row.name_zh, new=changed["name_zh"])
    for name, value in changed.items():
        setattr(row, name, value)
    session.publish(row, OrganisationRevised(changes=plain(changed)))
    renew_card(session, row)
    reindex(session, [(row.id, before, keys_in(state_of(row)))])
    return True


@command("organisations.organisation.qualify", Organisation)
def qualify_organisation(session: Session, key: UUID, **given: Any) -> Organisation:
    """Record a qualification, or renew the one with the same name and number."""
    row = held(session, key, action="qualify")
    apply_qualification(session, row, added=qualifications.completed(given, today=day_of(session.clock.now())))
    return row


def apply_qualification(session: Session, row: Organisation, *, added: Mapping[str, Any]) -> bool:
    """Write a complete qualification if it says anything new; whether it did."""
    after = qualifications.with_qualification(row.qualifications, added)
    if after == row.qualifications:
        return False
    ends = None if added["valid_to"] is None else read_day(added["valid_to"])
    cites = qualifications.cites(after)
    change = OrganisationQualified(name=added["name"], valid_to=ends, cites=cites)
    _requalified(session, row, after=after, change=change)
    return True


@command("organisations.organisation.disqualify", Organisation)
def disqualify_organisation(session: Session, key: UUID, *, name: str, number: str | None) -> Organisation:
    """Withdraw a qualification."""
    row = held(session, key, action="disqualify")
    after = qualifications.without_qualification(row.qualifications, name, number=number)
    change = QualificationWithdrawn(name=name, number=number, cites=qualifications.cites(after))
    _requalified(session, row, after=after, change=change)
    return row


def decide_qualifications(session: Session, key: UUID, *, consequence: Entry, closed: ConsequenceClosed) -> None:
    """Do to what rests on a certificate what its tenant decided, in the name of who did.

    An organisation that has ended stays as it was.
    """
    row = session.locked(Organisation, key)
    if row.state not in rules.LIVING:
        return
    after, names = qualifications.with_outcome(
        row.qualifications, closed.reference, outcome=closed.outcome, today=day_of(session.clock.now())
    )
    if names:
        number = closed.reference.partition(":")[2]
        cites = qualifications.cites(after)
        change = QualificationDecided(
            names=names, certificate=number, outcome=closed.outcome, consequence=consequence.aggregate, cites=cites
        )
        _requalified(session, row, after=after, change=change, by=consequence.actor)


def _requalified(
    session: Session, row: Organisation, *, after: list[dict[str, Any]], change: Change, by: Actor | None = None
) -> None:
    row.qualifications = after
    session.publish(row, change, by=by)
    watch_validity(session, [row])


@command("organisations.organisation.join", Organisation)
def join_alliance(session: Session, key: UUID, **given: Any) -> Organisation:
    """Make it a member of an alliance or a cluster, named or, where it is registered here, by its id."""
    row = held(session, key, action="join")
    registered = given["organisation"]
    name = str(given["name"]) if registered is None else session.one(Organisation, registered).name_zh
    membership = {**plain(given), "name": name, "until": None}
    row.memberships = rules.with_membership(row.memberships, membership)
    session.publish(row, AllianceJoined(kind=membership["kind"], name=membership["name"]))
    return row


@command("organisations.organisation.leave", Organisation)
def leave_alliance(session: Session, key: UUID, *, kind: str, name: str, until: date) -> Organisation:
    """End a membership."""
    row = held(session, key, action="leave")
    row.memberships = rules.without_membership(row.memberships, {"kind": kind, "name": name}, until=until)
    session.publish(row, AllianceLeft(kind=kind, name=name, until=until))
    return row
