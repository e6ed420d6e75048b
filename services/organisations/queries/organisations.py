"""Lists of organisations and of public cards, and what their views show beyond columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, any_, func, or_

from services.organisations.domain.organisation import OWN, actions
from services.organisations.models import CardRow, Organisation
from services.organisations.queries.search import found_organisations, organisation_ids_of
from shared.core.errors import InvalidError, NotFoundError
from shared.database.lists import ListQuery, conditions
from shared.database.pages import Order, Page, PageRequest, at_or_after, changed_since
from shared.database.session import TenantSession
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.reference.divisions import merged_into
from shared.replication.delivery import order_of
from shared.text.identifiers import checked
from shared.text.matching import has_object, sounds_like_all


def _visible(session: TenantSession) -> list[ColumnElement[bool]]:
    """Not the copies of organisations that take part here no longer; for people of one organisation that alone."""
    here = any_(Organisation.party_ids) == session.context.tenant_id
    own = session.context.organisation_id
    return [here] if own is None else [here, Organisation.id == own]


def _within(division: str) -> ColumnElement[bool]:
    """In this division, also under the code of one that has become part of it."""
    # The digits that every division within this one begins with.
    stem = division[:2] if division.endswith("0000") else division[:4] if division.endswith("00") else division
    now = Organisation.division.startswith(stem, autoescape=True)
    return or_(now, Organisation.division.in_(sorted(merged_into(division))))


LISTED = ListQuery(
    Organisation,
    order_of(Organisation, "name_zh", "code"),
    {
        "kind": Organisation.organisation_kind,
        "state": Organisation.state,
        "division": _within,
        "sector": lambda value: func.array_to_string(Organisation.sectors, " ").contains(value, autoescape=True),
        "qualification": lambda value: has_object(Organisation.qualifications, value, state="valid"),
    },
    visible=_visible,
)
"""All, newest first."""
public_cards = ListQuery(
    CardRow,
    Order(
        {name: getattr(CardRow, name) for name in ("code", "received_at")},
        "code",
        (CardRow.id,),
        at_or_after(CardRow.received_at),
    ),
    {"code": CardRow.code, "q": lambda value: sounds_like_all(CardRow.folded, value)},
    visible=lambda _session: [CardRow.code.is_not(None)],
)
"""Public organisations of the whole platform in order of their codes."""


def organisations(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The tenant's organisations: what is looked for, best first, or else all, newest first."""
    words, others = filters.get("q"), {name: value for name, value in filters.items() if name != "q"}
    if words is None:
        return LISTED(session, others, paging=paging)
    if paging.sort is not None:
        raise InvalidError(
            "search_sorted",
            "按关键词查找的结果按相关程度排列,不能另行排序。请去掉排序或关键词。",
            "What is looked for by words comes best first and in no other order. Leave out sort, or q.",
        )
    among = [*_visible(session), *conditions(LISTED.filters, others), *changed_since(LISTED.order, paging)]
    return found_organisations(session, words, conditions=among, paging=paging)


def organisation_of(session: Session, code: str) -> Organisation:
    """The living organisation with this credit code, or the one that absorbed it; raises `NotFoundError`.

    What is no credit code is refused, for it may be a person's number: `InvalidError`.
    """
    code = checked("credit_code", code, pointer="/code")
    found = [session.one(Organisation, key) for key in organisation_ids_of(session, code)]
    if not found:
        raise NotFoundError.of("机构 / organisation", code)
    # A tenant's own comes before one that was introduced to it.
    return min(found, key=lambda row: row.home_id != session.context.tenant_id)


def present_organisations(session: Session, rows: Sequence[Organisation]) -> list[dict[str, Any]]:
    """What the view shows."""
    context, documents = session.context, []
    for row, shown in zip(rows, attributes_of(session, rows), strict=True):
        if context.party == row.home_id:
            possible = actions(row.state, public=row.public, parties=row.partners)
        else:
            possible = {"withdraw"} if context.party in row.partners else set()
        documents.append({**shown, "allowed_actions": possible & OWN if context.scope == "organisation" else possible})
    return documents


def present_cards(_session: Session, rows: Sequence[CardRow]) -> list[dict[str, Any]]:
    """What the view shows; the holder is who signed the card, whatever the card says."""
    return [
        {
            **row.state,
            "organisation": row.state["organisation_id"],
            "state": row.state["organisation_state"],
            "holder": json.loads(row.entry)["home"],
            "received_at": row.received_at,
        }
        for row in rows
    ]
