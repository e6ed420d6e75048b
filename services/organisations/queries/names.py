"""How organisations are called: those that the session sees, and those with a public card."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, cast, select, union

from services.organisations.domain.applications import QUALIFICATION, REGISTRATION
from services.organisations.domain.organisation import READ
from services.organisations.models import Application, CardRow, Contact, Import, Organisation
from shared.http.names import Name, may_name

APPLIED = {REGISTRATION: ("登记申请", "registration of"), QUALIFICATION: ("资质申请", "application for")}


def organisation_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Their own are for those who may read organisations."""
    about = cast(CardRow.state["organisation_id"].astext, Uuid())
    card = CardRow.state["name_zh"].astext, CardRow.state["name_en"].astext, CardRow.state["code"].astext
    parts = [select(about, *card).where(CardRow.state["organisation_id"].astext.in_([str(key) for key in ids]))]
    if may_name(session, READ):
        row = Organisation
        parts.append(select(row.id, row.name_zh, row.name_en, row.code).where(row.id.in_(ids)))
    known = {key: Name(zh, en or zh, code) for key, zh, en, code in session.execute(union(*parts)) if zh}
    if len(known) == len(ids) or len(parts) < 2:
        return known
    # An organisation has its id before it is registered: it is called as its application says.
    asked = Application.asked
    columns = Application.organisation_id, asked["name_zh"].astext, asked["name_en"].astext, asked["code"].astext
    query = select(*columns).where(Application.organisation_id.in_(ids), Application.purpose == REGISTRATION)
    return {**{key: Name(zh, en or zh, code) for key, zh, en, code in session.execute(query)}, **known}


def application_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what is asked for, and by the name of what is to be registered."""
    columns = Application.id, Application.purpose, Application.asked["name_zh"].astext, Application.asked["name"].astext
    return {
        key: Name(f"{APPLIED[purpose][0]}:{organisation or title}", f"{APPLIED[purpose][1]} {organisation or title}")
        for key, purpose, organisation, title in session.execute(select(*columns).where(Application.id.in_(ids)))
    }


def contact_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the organisation: who it is stands in the contact itself, where it can be erased."""
    query = select(Contact.id, Organisation.name_zh, Organisation.name_en)
    found = session.execute(
        query.join(Organisation, Organisation.id == Contact.organisation_id).where(Contact.id.in_(ids))
    )
    return {key: Name(f"{zh}的联系人", f"contact of {en or zh}") for key, zh, en in found}


def import_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By how many rows it brought."""
    found = session.execute(select(Import.id, Import.rows).where(Import.id.in_(ids)))
    return {key: Name(f"机构导入({rows} 行)", f"import of organisations ({rows} rows)") for key, rows in found}
