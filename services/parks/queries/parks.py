"""Lists of parks and of agreements, what their views show beyond columns, and what a park's history is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, or_, select
from sqlalchemy.orm import defer

from services.parks.domain.entry_rules import counts
from services.parks.domain.park import OPEN
from services.parks.models import Agreement, Park, agreement_id
from shared.core.errors import NotFoundError
from shared.database.lists import Filters, ListQuery
from shared.database.prepared import Prepared
from shared.database.rows import Aggregate
from shared.database.session import TenantSession
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of
from shared.rules.permitting import own_organisation
from shared.text.matching import has_called, sounds_like_all


def _open(session: TenantSession) -> list[ColumnElement[bool]]:
    """Those in which somebody may settle, or has; raises `RefusedError` for who is no organisation's."""
    own_organisation(session.context)
    return [Park.state.in_(OPEN)]


DESCRIBED: Filters = {"kind": Park.park_kind, "q": lambda value: sounds_like_all(Park.folded, value)}
parks = ListQuery(
    Park,
    order_of(Park, "name_zh"),
    {
        **DESCRIBED,
        "state": Park.state,
        "party": lambda value: value == any_(Park.party_ids),
        "sector": lambda value: has_called(Park.sectors, value),
    },
)
"""The tenant's, newest first."""
own_parks = ListQuery(Park, parks.order, DESCRIBED, visible=_open)
"""For an organisation's people: those of its tenant, newest first."""
SIGNED: Filters = {"state": Agreement.state, "to_sign": lambda value: waits_for_us(Agreement, wanted=value)}
all_agreements = ListQuery(
    Agreement, order_of(Agreement, "revision", "effective_from"), {**SIGNED, "park": Agreement.park_id}
)
"""The revisions of all parks' agreements, newest first."""
agreements = ListQuery(Agreement, all_agreements.order, SIGNED, under=(Park, Agreement.park_id))


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


class _Coming(NamedTuple):
    """A revision that is on the table or agreed."""

    state: str
    revision: int
    effective_from: date


@Prepared
def coming() -> Select[UUID, str, int, date]:
    """What is on the table or agreed for these `parks`."""
    told = select(Agreement.park_id, Agreement.state, Agreement.revision, Agreement.effective_from)
    of_parks = Agreement.park_id == any_(bindparam("parks", type_=ARRAY(Uuid())))
    chosen = told.where(of_parks, or_(Agreement.state == "proposed", Agreement.state == "agreed"))
    return chosen.order_by(Agreement.effective_from, Agreement.revision)


def present_parks(session: Session, rows: Sequence[Park]) -> list[dict[str, Any]]:
    """What the park's view shows; `upcoming_agreements` are what all have signed for a day to come, by that day."""
    party, keys = session.context.party, [row.id for row in rows]
    of_park: dict[UUID, list[_Coming]] = {key: [] for key in keys}
    asked = [row.id for row in rows if not row.stands_alone]
    for park, *one in coming.rows(session, parks=asked) if asked else ():
        of_park[park].append(_Coming(*one))
    return [
        {
            **shown,
            "dissolves_on": row.dissolves_on,
            "upcoming_agreements": [one for one in of_park[row.id] if one.state == "agreed"],
            "entry_rules": row.entry_rules or [],
            # Until a proposal is signed or gone there is no other one.
            "allowed_actions": row.allowed_actions(
                party, is_negotiated=any(one.state == "proposed" for one in of_park[row.id])
            ),
        }
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]


def present_own_parks(session: Session, rows: Sequence[Park]) -> list[dict[str, Any]]:
    """What their view shows: the entry rules that count."""
    return [
        {**shown, "entry_rules": [rule for rule in row.entry_rules or [] if counts(rule)]}
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]


def present_agreements(session: Session, rows: Sequence[Agreement]) -> list[dict[str, Any]]:
    """What the agreement's view shows."""
    found = session.scalars(select(Park).where(Park.id.in_({row.park_id for row in rows})))
    # At a party the revision may have arrived before the park's own entry: then nothing can be done with it yet.
    goes_on = {park.id: park.goes_on for park in found}

    def possible(row: Agreement) -> Sequence[str]:
        known = row.park_id in goes_on
        return row.allowed_actions(session.context.party, can_hold=goes_on[row.park_id]) if known else ()

    return [
        {**shown, "missing_signatures": row.missing_signatures, "allowed_actions": possible(row)}
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]
