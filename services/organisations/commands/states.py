"""Decisions about an organisation: suspended, closed, merged, made public, introduced to other tenants."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from events.organisations import (
    OrganisationAbsorbed,
    OrganisationClosed,
    OrganisationConcealed,
    OrganisationIntroduced,
    OrganisationMerged,
    OrganisationPublished,
    OrganisationReactivated,
    OrganisationSuspended,
    OrganisationWithdrawn,
)
from events.text import FreeText
from services.organisations.commands import cards
from services.organisations.commands.organisations import held
from services.organisations.commands.registering import check_is_tenants
from services.organisations.commands.search import keys_in, reindex
from services.organisations.commands.validity import EXPIRE, watch_validity
from services.organisations.domain import organisation as rules
from services.organisations.domain.organisation import ORGANISATION_LIFECYCLE
from services.organisations.models import Contact, Organisation
from shared.commands.registry import command
from shared.core.errors import ConflictError, RefusedError
from shared.database.rows import state_of
from shared.evidence import audit
from shared.journal.session import Session
from shared.journal.timers import cancel


def _move(session: Session, key: UUID, *, action: str) -> Organisation:
    row = session.locked(Organisation, key)
    ORGANISATION_LIFECYCLE.target(row.state, action)
    held(session, key, action=action)
    ORGANISATION_LIFECYCLE.move(row, action)
    return row


@command("organisations.organisation.suspend", Organisation)
def suspend_organisation(session: Session, key: UUID, *, reason: FreeText) -> Organisation:
    """It may not act for now."""
    row = _move(session, key, action="suspend")
    row.reason_digest = reason.digest
    session.publish(row, OrganisationSuspended(reason=reason))
    cards.renew_card(session, row)
    return row


@command("organisations.organisation.reactivate", Organisation)
def reactivate_organisation(session: Session, key: UUID) -> Organisation:
    """It may act again."""
    row = _move(session, key, action="reactivate")
    row.reason_digest = None
    session.publish(row, OrganisationReactivated())
    cards.renew_card(session, row)
    return row


@command("organisations.organisation.close", Organisation)
def close_organisation(session: Session, key: UUID, *, reason: FreeText) -> Organisation:
    """It no longer exists."""
    row = _move(session, key, action="close")
    row.reason_digest = reason.digest
    session.publish(row, OrganisationClosed(reason=reason, cites=()))
    cancel(session, EXPIRE, aggregate=row.id)
    cards.renew_card(session, row)
    return row


@command("organisations.organisation.merge", Organisation)
def merge_organisation(session: Session, key: UUID, *, into: UUID) -> Organisation:
    """It becomes part of `into`, which takes its place: with its code and names, its contacts and the tenants it is in.

    Both rows are locked in the order of their ids, so that two mergers cannot wait for each other.
    """
    for one in sorted({key, into}):
        session.locked(Organisation, one)
    row, successor = held(session, key, action="merge"), held(session, into, action="merge")
    rules.check_merger(row, successor)
    keys = {item.id: keys_in(state_of(item)) for item in (row, successor)}
    _move(session, key, action="merge")
    row.successor_id, row.successor_code = successor.id, successor.code
    session.publish(row, OrganisationMerged(successor=successor.id, successor_code=successor.code, cites=()))
    joined = {"id": str(row.id), "code": row.code, "name_zh": row.name_zh}
    successor.predecessors = [*successor.predecessors, *row.predecessors, joined]
    successor.party_ids = sorted({*successor.party_ids, *row.party_ids})
    session.publish(successor, OrganisationAbsorbed(predecessor=row.id, code=row.code))
    cards.renew_card(session, row)
    watch_validity(session, [successor])
    reindex(session, [(item.id, keys[item.id], keys_in(state_of(item))) for item in (row, successor)])
    session.execute(update(Contact).where(Contact.organisation_id == row.id).values(organisation_id=successor.id))
    cancel(session, EXPIRE, aggregate=row.id)
    return row


@command("organisations.organisation.publish", Organisation)
def publish_organisation(session: Session, key: UUID) -> Organisation:
    """Let the whole platform see its card."""
    row = held(session, key, action="publish")
    if row.public:
        raise ConflictError("already_public", "该机构的名片已经公开。", "Its card is public already.")
    row.public = True
    session.publish(row, OrganisationPublished())
    cards.issue_card(session, row)
    return row


@command("organisations.organisation.conceal", Organisation)
def conceal_organisation(session: Session, key: UUID) -> Organisation:
    """Let its parties alone see it again."""
    row = held(session, key, action="conceal")
    if not row.public:
        raise ConflictError("not_public", "该机构的名片没有公开。", "Its card is not public.")
    row.public = False
    session.publish(row, OrganisationConcealed())
    cards.recall_card(session, row)
    return row


@command("organisations.organisation.introduce", Organisation)
def introduce_organisation(session: Session, key: UUID, *, tenant: UUID) -> Organisation:
    """Give a tenant in which it takes part its card."""
    row = held(session, key, action="introduce")
    session.directory.check_active(session, {"/tenant": tenant})
    if tenant in row.party_ids:
        raise ConflictError("already_introduced", "该辖区已持有该机构名片。", "That tenant holds its card already.")
    row.party_ids = sorted([*row.party_ids, tenant])
    session.publish(row, OrganisationIntroduced(tenant=tenant))
    audit.detail(session, subject=str(key), after={"introduced": str(tenant)})
    return row


@command("organisations.organisation.withdraw", Organisation)
def withdraw_organisation(session: Session, key: UUID, *, tenant: UUID) -> Organisation:
    """End its part in a tenant: home ends any, a party its own."""
    row = session.locked(Organisation, key)
    if session.context.party not in (row.home_id, tenant):
        zh, en = "只能结束本辖区的参与。", "A party ends its own part only."
        raise RefusedError("home_only", zh, en)
    check_is_tenants(session)
    if tenant not in row.partners:
        zh, en = "该辖区不持有该机构名片。", "That tenant does not hold its card."
        raise ConflictError("not_introduced", zh, en)
    row.party_ids = [party for party in row.party_ids if party != tenant]
    session.publish(row, OrganisationWithdrawn(tenant=tenant))
    audit.detail(session, subject=str(key), after={"withdrawn": str(tenant)})
    return row
