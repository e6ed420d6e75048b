"""Lists of cases, and what their view shows: texts, and the clocks as they stand today."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from services.requests.domain.cases import possible
from services.requests.domain.clocks import APPLICANT, ground_of, reckoned
from services.requests.models import Case
from shared.core.calendar import day_of
from shared.database.lists import ListQuery
from shared.evidence.texts import texts
from shared.http.attributes import attributes_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.reference.calendars import working_days
from shared.replication.delivery import order_of
from shared.text.identifiers.writing import NotOneError, compactly
from shared.text.matching import sounds_like_all, starts_with


def _asked(question: str) -> ColumnElement[bool]:
    """The beginning of a number, or part of the item's name."""
    name = func.shared.folded(Case.item["name_zh"].astext)
    try:
        number = compactly(question)
    except NotOneError:
        number = ""
    named = sounds_like_all(name, question)
    return or_(named, starts_with(Case.number, number)) if number.isascii() and number else named


NEWEST = order_of(Case)
cases = ListQuery(
    Case,
    # What has no last day comes last.
    replace(NEWEST, columns={**NEWEST.columns, "due_on": Case.due_by}),
    {
        "state": Case.state,
        "item": Case.item_id,
        "handler": Case.handler,
        "home": Case.home_id,
        "organisation": Case.organisation_id,
        "overdue": Case.is_overdue,
        "due_before": lambda value: Case.due_on < value,
        "q": _asked,
    },
)
"""The tenant's, filed or handled here, newest first."""


def present_cases(session: Session, rows: Sequence[Case]) -> list[dict[str, Any]]:
    """What the view shows."""
    wanted = [(row.id, digest) for row in rows for digest in _digests(row)]
    found, here = texts(session, wanted), session.context.party
    calendars = cache(lambda tenant: working_days(session, tenant))
    made = []
    for row, attributes in zip(rows, attributes_of(session, rows), strict=True):
        told: dict[str | None, str | None] = {digest: found.get((row.id, digest)) for digest in _digests(row)}
        decision, supplement = row.decision, row.supplement
        made.append(
            {
                **attributes,
                "applicant": told.get(row.applicant_digest),
                "answers": json.loads(told.get(row.answers_digest) or "[]"),
                "forwards": [{**one, "reason": told.get(one["reason_digest"])} for one in row.forwards],
                "supplement": supplement and {**supplement, "reason": told.get(supplement["reason_digest"])},
                "decision": decision and {**decision, "reason": told.get(decision["reason_digest"])},
                "clocks": [clock_of(session, one, calendars=calendars) for one in row.clocks],
                "allowed_actions": possible(row.situation, here=here),
            }
        )
    return made


def _digests(row: Case) -> list[str]:
    said = [row.answers_digest, row.applicant_digest, row.reason_digest]
    said += [one["reason_digest"] for one in (*row.forwards, row.supplement, row.decision) if one is not None]
    return [digest for digest in said if digest is not None]


def clock_of(session: Session, clock: Mapping[str, Any], *, calendars: Any) -> dict[str, Any]:
    """A clock as it stands today."""
    standing = reckoned(clock, calendars=calendars, today=day_of(session.clock.now()))
    last = clock["turns"][-1]
    return {
        "clock": clock["clock"],
        "days": clock["days"] + clock["extra"],
        "unit": clock["unit"],
        "began_at": clock["turns"][0]["since"],
        "left": standing.left,
        "is_running": last["owner"] is not None,
        "ground": ground_of([clock]),
        "used": [
            {"owner": None if owner == APPLICANT else owner, "is_applicant": owner == APPLICANT, "ground": ground,
             "days": days}
            for (owner, ground), days in standing.used.items()
        ],
    }  # fmt: skip


def case_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their numbers and what they are about."""
    item = Case.item
    query = select(Case.id, Case.number, item["name_zh"].astext, item["name_en"].astext).where(Case.id.in_(ids))
    return {key: Name(zh, en or zh, number) for key, number, zh, en in session.execute(query)}
