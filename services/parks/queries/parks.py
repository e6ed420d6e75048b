"""Lists of parks and of agreements, what their views show beyond columns, and what a park's history is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, select
from sqlalchemy.orm import defer

from services.parks.domain import agreement as agreement_rules
from services.parks.domain import dissolving
from services.parks.domain import park as park_rules
from services.parks.domain.entry_rules import can_set, counts
from services.parks.domain.park import OPEN, PARK_LIFECYCLE
from services.parks.models import Agreement, Park, agreement_id
from shared.core.errors import NotFoundError
from shared.database.pages import Page, PageRequest, in_order
from shared.database.rows import Aggregate
from shared.evidence.texts import Name, texts
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of
from shared.rules import countersigning
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
    """What the park's view shows."""
    reasons, upcoming = _reasons(session, rows), _upcoming(session, rows)
    on_table = _on_table(session, rows)
    return [
        {
            **_attributes(row),
            "kind": row.park_kind,
            "dissolves_on": row.dissolves_on,
            "dissolution": row.dissolution
            and {
                **row.dissolution,
                "reason": reasons.get((row.id, row.dissolution["reason_digest"])),
            },
            "upcoming_agreements": upcoming.get(row.id, []),
            "entry_rules": row.entry_rules or [],
            "reason": reasons.get((row.id, row.reason_digest or "")),
            "allowed_actions": _park_actions(session.context.party, row, on_table=on_table),
        }
        for row in rows
    ]


def _on_table(session: Session, rows: Sequence[Park]) -> set[UUID]:
    """The parks that have a proposal: until it is signed or gone there is no other one."""
    proposed = Agreement.park_id.in_([row.id for row in rows]), Agreement.state == "proposed"
    return set(session.scalars(select(Agreement.park_id).where(*proposed)))


def _upcoming(session: Session, rows: Sequence[Park]) -> dict[UUID, list[Agreement]]:
    """By park the revisions that all have signed for a day to come, in the order of their days."""
    agreed = Agreement.park_id.in_([row.id for row in rows]), Agreement.state == "agreed"
    ordered = select(Agreement).where(*agreed).order_by(Agreement.effective_from, Agreement.revision)
    found: dict[UUID, list[Agreement]] = {}
    for one in session.scalars(ordered.options(defer(Agreement.terms))):
        found.setdefault(one.park_id, []).append(one)
    return found


def _park_actions(party: UUID, row: Park, *, on_table: Collection[UUID]) -> Collection[str]:
    found = set(
        park_rules.allowed_actions(
            row.state, tenant=party, home=row.home_id, parties=row.parties, consents=row.consents
        )
    )
    if row.id in on_table:
        found.discard("propose")
    if "dissolve" in PARK_LIFECYCLE.actions(row.state) and party in row.party_ids:
        found -= {"dissolve", "call_off"}
        found |= dissolving.possible(row.dissolution, row.consents, parties=row.parties, tenant=party)
    if row.dissolves_on is not None:
        found.discard("propose")
    sets_rules = party in row.party_ids and can_set(row.state, is_home=party == row.home_id)
    return {*found, "set_entry_rules"} if sets_rules else found


def present_agreements(session: Session, rows: Sequence[Agreement]) -> list[dict[str, Any]]:
    """What the agreement's view shows."""
    reasons = _reasons(session, rows)
    found = session.scalars(select(Park).where(Park.id.in_({row.park_id for row in rows})))
    parks_of = {park.id: park for park in found}
    return [_agreement(session, row, park=parks_of.get(row.park_id), reasons=reasons) for row in rows]


def _agreement(session: Session, row: Agreement, *, park: Park | None, reasons: Mapping[Any, str]) -> dict[str, Any]:
    missing = countersigning.missing(row)
    party = session.context.party
    # At a party the revision may have arrived before the park's own entry: then nothing can be done with it yet.
    allowed = (
        ()
        if park is None or party not in row.party_ids
        else agreement_rules.allowed_actions(
            row.state, park_goes_on=park.goes_on, tenant=party,
            proposer=row.proposer, signed=[item["tenant"] for item in row.signatures],
        )
    )  # fmt: skip
    return {
        **_attributes(row),
        "missing_signatures": missing,
        "reason": reasons.get((row.id, row.reason_digest or "")),
        "allowed_actions": allowed,
    }


def _attributes(row: Aggregate) -> dict[str, Any]:
    loaded = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    return {**loaded, "etag": row.etag}


def _reasons(session: Session, rows: Sequence[Park | Agreement]) -> Mapping[Name, str]:
    dissolved = [row for row in rows if isinstance(row, Park) and row.dissolution]
    names = [*((row.id, row.reason_digest) for row in rows),
             *((row.id, row.dissolution["reason_digest"]) for row in dissolved if row.dissolution)]  # fmt: skip
    return texts(session, names)
