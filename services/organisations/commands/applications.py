"""Writes of applications: opened, filled in and submitted by the organisation, decided by its tenant's officials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from events.canonical import plain
from events.organisations import (
    ApplicationApproved,
    ApplicationOpened,
    ApplicationRefused,
    ApplicationReturned,
    ApplicationRevised,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from events.text import FreeText
from services.organisations.commands.organisations import apply_qualification, held
from services.organisations.commands.registering import check_division, check_is_tenants, register_organisation
from services.organisations.domain import applications as rules
from services.organisations.domain import codes, qualifications
from services.organisations.domain.applications import APPLICATION_LIFECYCLE, QUALIFICATION, REGISTRATION
from services.organisations.domain.organisation import check_living
from services.organisations.models import Application, Organisation
from shared.commands.registry import command
from shared.core.calendar import day_of, read_day
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.files.citing import check_cited
from shared.journal.session import Session

NEW: Mapping[str, Any] = {
    "code": None, "name_zh": None, "name_en": None, "former_names": [], "kind": None, "sectors": [], "division": None,
    "public": False,
}  # fmt: skip
DATES = ("issued_on", "valid_from", "valid_to")


def open_registration(session: Session, *, evidence: Sequence[Mapping[str, Any]], **asked: Any) -> Application:
    """By officials, for an organisation that is to be registered: its manager is invited for the id it will have."""
    check_is_tenants(session)
    row = session.create(Application, parties=[session.context.tenant_id], **_new(REGISTRATION, {**NEW, **asked}))
    row.organisation_id = rules.future_id(session.context.tenant_id, row.id)
    return _opened(session, row, evidence=evidence)


def apply_for_qualification(session: Session, *, evidence: Sequence[Mapping[str, Any]], **asked: Any) -> Application:
    """By an organisation's own people; officials record one without being asked."""
    own = session.context.organisation_id
    if own is None:
        raise RefusedError(
            "organisation_only",
            "资质由机构自己申请。工作人员可直接登记资质。",
            "An organisation applies itself. Officials record a qualification directly.",
        )
    found = session.get(Organisation, (session.context.tenant_id, own))
    if found is None or found.home_id != session.context.tenant_id:
        raise ConflictError(
            "not_registered",
            "贵机构尚未在本辖区登记,不能申请资质。请先完成登记申请。",
            "Your organisation is not registered in this tenant yet. Have it registered first.",
        )
    check_living(found.state, "qualify")
    row = session.create(Application, parties=[session.context.tenant_id], **_new(QUALIFICATION, asked))
    row.organisation_id = own
    return _opened(session, row, evidence=evidence)


def _new(purpose: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    state = APPLICATION_LIFECYCLE.initial
    return {"purpose": purpose, "state": state, "asked": plain(asked), "evidence": [], "reason_digest": None}


def _opened(session: Session, row: Application, *, evidence: Sequence[Mapping[str, Any]]) -> Application:
    check_cited(session, evidence, pointer="/evidence")
    row.evidence = plain(evidence)
    session.publish(row, ApplicationOpened(purpose=row.purpose, organisation=row.organisation_id))
    return row


@command("organisations.application.revise", Application)
def revise_application(session: Session, key: UUID, **changes: Any) -> Application:
    """What is given replaces what was, field by field; evidence as a whole."""
    row = session.locked(Application, key)
    APPLICATION_LIFECYCLE.move(row, "revise")
    evidence = changes.pop("evidence", None)
    row.asked = plain(rules.with_changes(row.purpose, row.asked, changes=changes))
    if evidence is not None:
        check_cited(session, evidence, pointer="/evidence", before=row.evidence)
        row.evidence = plain(evidence)
    named = (*changes.get(row.purpose, {}), *(() if evidence is None else ("evidence",)))
    session.publish(row, ApplicationRevised(fields=tuple(sorted(named))))
    return row


@command("organisations.application.submit", Application)
def submit_application(session: Session, key: UUID) -> Application:
    """It is whole, and the officials' turn; raises `InvalidError` that names what is missing."""
    row = _moved(session, key, action="submit")
    rules.check_complete(row.purpose, row.asked, evidence=len(row.evidence))
    try:
        if row.purpose == REGISTRATION:
            codes.check_sectors(row.asked["sectors"])
            check_division(session, row.asked["division"])
        else:
            _completed(session, row)
    except InvalidError as error:
        faults = [Fault(f"/{row.purpose}{one.pointer}", one.zh, one.en) for one in error.faults]
        raise InvalidError(error.code, error.zh, error.en, faults) from error
    row.reason_digest = None
    session.publish(row, ApplicationSubmitted())
    return row


def _completed(session: Session, row: Application) -> dict[str, Any]:
    given = {**row.asked, **{name: row.asked[name] and read_day(row.asked[name]) for name in DATES}}
    return qualifications.completed(given, today=day_of(session.clock.now()))


@command("organisations.application.withdraw", Application)
def withdraw_application(session: Session, key: UUID) -> Application:
    """Before it is decided."""
    row = _moved(session, key, action="withdraw")
    session.publish(row, ApplicationWithdrawn())
    return row


@command("organisations.application.return", Application)
def return_application(session: Session, key: UUID, *, reason: FreeText) -> Application:
    """To be mended, with what is to be mended."""
    row = _decided(session, key, action="return")
    row.reason_digest = reason.digest
    session.publish(row, ApplicationReturned(reason=reason))
    return row


@command("organisations.application.refuse", Application)
def refuse_application(session: Session, key: UUID, *, reason: FreeText) -> Application:
    """Nothing comes of it."""
    row = _decided(session, key, action="refuse")
    row.reason_digest = reason.digest
    session.publish(row, ApplicationRefused(reason=reason))
    return row


@command("organisations.application.approve", Application)
def approve_application(session: Session, key: UUID) -> Application:
    """What was asked for is done by the same act, and refused like an official's own."""
    row = _decided(session, key, action="approve")
    session.publish(row, ApplicationApproved())
    if row.purpose == REGISTRATION:
        if session.scalar(select(exists().where(Organisation.id == row.organisation_id))):
            raise ConflictError("already_registered", "该机构已登记。", "This organisation is registered already.")
        register_organisation(session, nonce=rules.registration_nonce(row.id), **row.asked)
    else:
        organisation = held(session, row.organisation_id, action="qualify")
        apply_qualification(session, organisation, added=_completed(session, row))
    return row


def _decided(session: Session, key: UUID, *, action: str) -> Application:
    """By officials alone."""
    session.locked(Application, key)
    check_is_tenants(session)
    return _moved(session, key, action=action)


def _moved(session: Session, key: UUID, *, action: str) -> Application:
    row = session.locked(Application, key)
    APPLICATION_LIFECYCLE.move(row, action)
    return row
