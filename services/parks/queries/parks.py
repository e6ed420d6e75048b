"""Lists of parks and of agreements, what their views show beyond columns, and what a park's history is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, select
from sqlalchemy.orm import defer

from services.parks.domain.entry_rules import counts
from services.parks.domain.park import OPEN
from services.parks.models import Agreement, Park, agreement_id
from shared.core.errors import NotFoundError
from shared.database.pages import Page, PageRequest, in_order
from shared.database.rows import Aggregate
from shared.evidence.texts import Name, texts
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of
from shared.rules.permitting import own_organisation
from shared.text.matching import has_called, holds_all

PARKS = order_of(Park, "name_zh")
AGREEMENTS = order_of(Agreement, "revision", "effective_from")


def parks(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The tenant's parks, newest first."""
    query = select(Park).where(*_conditions(filters))
    return in_order(session, query, order=PARKS, paging=paging)


def own_parks(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """For an organisation's people: those of its tenant in which somebody may settle, or has; raises `RefusedError`."""
    own_organisation(session.context)
    query = select(Park).where(Park.state.in_(OPEN), *_conditions(filters))
    return in_order(session, query, order=PARKS, paging=paging)


def present_own_parks(_session: Session, rows: Sequence[Park]) -> list[dict[str, Any]]:
    """What their view shows: nothing of what the parties have agreed with each other."""
    return [
        {**_attributes(row), "kind": row.park_kind, "entry_rules": [r for r in row.entry_rules or [] if counts(r)]}
        for row in rows
    ]


def _conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    known: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "state": lambda value: Park.state == value,
        "kind": lambda value: Park.park_kind == value,
        "party": lambda value: value == any_(Park.party_ids),
        "sector": lambda value: has_called(Park.sectors, value),
        "q": lambda value: holds_all(Park.folded, value),
    }
    return [known[name](value) for name, value in filters.items()]


def agreements(session: Session, filters: Mapping[str, Any], *, paging: PageRequest, key: UUID) -> Page:
    """The revisions of this park's agreement, newest first; raises `NotFoundError` for an unknown park."""
    session.one(Park, key)
    return all_agreements(session, {**filters, "park": key}, paging=paging)


def all_agreements(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The revisions of all parks' agreements, newest first."""
    known: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "park": lambda value: Agreement.park_id == value,
        "state": lambda value: Agreement.state == value,
        "to_sign": lambda value: waits_for_us(Agreement, wanted=value),
    }
    query = select(Agreement).where(*(known[name](value) for name, value in filters.items()))
    return in_order(session, query, order=AGREEMENTS, paging=paging)


def agreement(session: Session, key: UUID, *, revision: int) -> Agreement:
    """One revision; raises `NotFoundError`."""
    row = session.get(Agreement, (session.context.tenant_id, agreement_key(session, key, revision=revision)))
    if row is None:
        raise NotFoundError.of("协议版次 / revision of the agreement", revision)
    return row


def agreement_key(session: Session, key: UUID, *, revision: int) -> UUID:
    """The id of a revision, existing or not; raises `NotFoundError` for an unknown park."""
    return agreement_id(session.one(Park, key), revision)


def history(session: Session, key: UUID) -> list[Aggregate]:
    """The park, then the revisions of its agreement, newest first; raises `NotFoundError`."""
    park = session.one(Park, key)
    revisions = select(Agreement).where(Agreement.park_id == key).order_by(Agreement.revision.desc())
    # A history reads the journals: the terms, which may be long, stay where they are.
    return [park, *session.scalars(revisions.options(defer(Agreement.terms)))]


def present_parks(session: Session, rows: Sequence[Park]) -> list[dict[str, Any]]:
    """What the park's view shows; `upcoming_agreements` are what all have signed for a day to come, by that day."""
    reasons, of_these = _reasons(session, rows), Agreement.park_id.in_([row.id for row in rows])
    # Until a proposal is signed or gone there is no other one.
    on_table = set(session.scalars(select(Agreement.park_id).where(of_these, Agreement.state == "proposed")))
    agreed = select(Agreement).where(of_these, Agreement.state == "agreed")
    ordered = agreed.order_by(Agreement.effective_from, Agreement.revision).options(defer(Agreement.terms))
    upcoming: dict[UUID, list[Agreement]] = {}
    for one in session.scalars(ordered):
        upcoming.setdefault(one.park_id, []).append(one)
    return [
        {
            **_attributes(row),
            "kind": row.park_kind,
            "dissolves_on": row.dissolves_on,
            "dissolution": row.dissolution
            and {**row.dissolution, "reason": reasons.get((row.id, row.dissolution["reason_digest"]))},
            "upcoming_agreements": upcoming.get(row.id, []),
            "entry_rules": row.entry_rules or [],
            "reason": reasons.get((row.id, row.reason_digest or "")),
            "allowed_actions": row.allowed_actions(session.context.party, is_negotiated=row.id in on_table),
        }
        for row in rows
    ]


def present_agreements(session: Session, rows: Sequence[Agreement]) -> list[dict[str, Any]]:
    """What the agreement's view shows."""
    reasons, party = _reasons(session, rows), session.context.party
    found = session.scalars(select(Park).where(Park.id.in_({row.park_id for row in rows})))
    # At a party the revision may have arrived before the park's own entry: then nothing can be done with it yet.
    goes_on = {park.id: park.goes_on for park in found}
    return [
        {
            **_attributes(row),
            "missing_signatures": row.missing_signatures,
            "reason": reasons.get((row.id, row.reason_digest or "")),
            "allowed_actions": row.allowed_actions(party, can_hold=goes_on[row.park_id])
            if row.park_id in goes_on
            else (),
        }
        for row in rows
    ]


def _attributes(row: Aggregate) -> dict[str, Any]:
    loaded = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    return {**loaded, "etag": row.etag}


def _reasons(session: Session, rows: Sequence[Park | Agreement]) -> Mapping[Name, str]:
    dissolved = [row for row in rows if isinstance(row, Park) and row.dissolution]
    names = [*((row.id, row.reason_digest) for row in rows),
             *((row.id, row.dissolution["reason_digest"]) for row in dissolved if row.dissolution)]  # fmt: skip
    return texts(session, names)
