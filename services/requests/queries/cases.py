"""Lists of cases, and what their view shows: texts, and the clocks as they stand today."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, any_, cast, exists, false, func, not_, or_, select

from services.requests.domain.cases import OPEN, possible
from services.requests.domain.clocks import APPLICANT, ground_of, reckoned
from services.requests.domain.parts import OPEN as OF_PART
from services.requests.domain.parts import SEVERAL
from services.requests.domain.scopes import DECIDE
from services.requests.models import Assignment, Case, FormerAssignment, ItemRow, Routing
from services.requests.models.threads import unanswered
from shared.core.calendar import day_of
from shared.database.lists import ListQuery
from shared.database.pages import Page, PageRequest
from shared.evidence.texts import texts
from shared.http.attributes import attributes_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.reference.calendars import by_tenant
from shared.replication.delivery import order_of
from shared.text.identifiers.writing import NotOneError, compactly
from shared.text.matching import sounds_like_all, starts_with

MOST_ITEMS = 1000
"""So many items that a question fits are looked through; each has its cases."""
HELD = Assignment.tenant_id == Case.tenant_id, Assignment.case_id == Case.id
ROUTED = Routing.tenant_id == Case.tenant_id, Routing.case_id == Case.id
PARTY = Case.tenant_id == any_(Case.party_ids)
"""It has to do with the case now: what was passed on stays as it was then, and waits for nobody here."""
IS_OPEN, IS_OVERDUE = and_(Case.state.in_(OPEN), PARTY), and_(Case.is_overdue, PARTY)
TO_DO = func.jsonb_build_array(func.jsonb_build_object("to", cast(Case.tenant_id, Text), "state", OF_PART))
WORKS = or_(Case.handler == Case.tenant_id, Case.parts.op("@>")(TO_DO))
"""The tenant handles it, or has a part of it to do."""
NEWEST = order_of(Case, default="-updated_at")
ORDER = replace(NEWEST, columns={**NEWEST.columns, "due_on": Case.due_by})
"""What has no last day comes last."""
LISTED = ListQuery(
    Case,
    ORDER,
    {
        "state": Case.state,
        "item": Case.item_id,
        "handler": Case.handler,
        "home": Case.home_id,
        "matter": Case.matter["kind"].astext,
        "park": Case.park_id,
        "organisation": Case.organisation_id,
        "open": lambda value: IS_OPEN if value else not_(IS_OPEN),
        "overdue": lambda value: IS_OVERDUE if value else not_(IS_OVERDUE),
        "works": lambda value: WORKS if value else not_(WORKS),
        "unclaimed": lambda value: and_(IS_OPEN, ~exists().where(*HELD)) if value else exists().where(*HELD),
        "person": lambda value: exists().where(*HELD, Assignment.person == str(value)),
        "unit": lambda value: exists().where(*ROUTED, Routing.unit == value),
        "due_before": lambda value: Case.due_on < value,
        "follow_up_by": lambda value: exists().where(*HELD, Assignment.follow_up_on <= value),
    },
)


def cases(session: Session, given: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The tenant's, filed or handled here, those that changed last first."""
    asked = {name: value for name, value in given.items() if name != "q"}
    question = given.get("q")
    found = [] if question is None else [_asked(session, question)]
    return replace(LISTED, visible=lambda _session: found)(session, asked, paging=paging)


def _asked(session: Session, question: str) -> ColumnElement[bool]:
    """The beginning of a number, or part of the item's name or code.

    Items are few and cases many: those that are called so are looked up first, so that the database knows how many
    cases to expect of them, and of none where none is called so.
    """
    called = select(ItemRow.id).where(sounds_like_all(ItemRow.folded, question)).limit(MOST_ITEMS)
    keys = session.scalars(called).all()
    try:
        number = compactly(question)
    except NotOneError:
        number = ""
    fits: list[ColumnElement[bool]] = [Case.item_id.in_(keys)] if keys else []
    fits += [starts_with(Case.number, number)] if number.isascii() and number else []
    return or_(false(), *fits)


def present_cases(session: Session, rows: Sequence[Case]) -> list[dict[str, Any]]:
    """What the view shows."""
    wanted = [(row.id, digest) for row in rows for digest in _digests(row)]
    found, here = texts(session, wanted), session.context.party
    calendars = by_tenant(session)
    inside, asked = kept_inside(session, [row.id for row in rows]), unanswered(session, rows)
    made = []
    for row, attributes in zip(rows, attributes_of(session, rows), strict=True):
        told: dict[str | None, str | None] = {digest: found.get((row.id, digest)) for digest in _digests(row)}
        supplement = attributes["supplement"]
        made.append(
            {
                **attributes,
                "answers": [
                    {**one, "label": label_of(row.sheet, one["name"])}
                    for one in json.loads(told.get(row.answers_digest) or "[]")
                ],
                "parts": [part_of(row, one, told=told) for one in attributes["parts"]],
                "supplement": supplement
                and {
                    **supplement,
                    "missing": [{"name": one, "label": label_of(row.sheet, one)} for one in supplement["missing"]],
                },
                "unanswered": sum(number for (case, *_side), number in asked.items() if case == row.id),
                "unit": inside.units.get(row.id),
                **held_by(inside.working.get(row.id)),
                "clocks": [clock_of(session, one, calendars=calendars) for one in row.clocks],
                "allowed_actions": [
                    *possible(row.situation, here=here),
                    *possible_inside(session, row, inside=inside),
                ],
            }
        )
    return made


def label_of(sheet: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a field or paper of the sheet is called; its own name where the sheet has none such."""
    field = next((one for one in sheet["form"] if one["name"] == name), None)
    if field is not None:
        return {"zh": field["label_zh"], "en": field["label_en"] or field["label_zh"]}
    paper = next((one["name_zh"] for one in sheet["materials"] if one["key"] == name), name)
    return {"zh": paper, "en": paper}


def part_of(row: Case, part: Mapping[str, Any], *, told: Mapping[str | None, str | None]) -> dict[str, Any]:
    """A part with its files, and with the texts of how it was given on."""
    return {
        **part,
        "attachments": [one for one in row.part_files if one["part"] == part["part"]],
        "moves": [{**one, "reason": told.get(one["reason_digest"])} for one in part["moves"]],
    }


def _digests(row: Case) -> list[str]:
    """Of the texts that `attributes_of` does not show."""
    answers = [] if row.answers_digest is None else [row.answers_digest]
    return [*answers, *(move["reason_digest"] for part in row.parts for move in part["moves"])]


@dataclass(frozen=True)
class Inside:
    """What a tenant alone keeps of cases: who works on each, which unit has it, and which the reader had before."""

    working: Mapping[UUID, Assignment]
    units: Mapping[UUID, str]
    had: Mapping[UUID, int]
    """How often it had been reopened then."""


def kept_inside(session: Session, keys: Collection[UUID]) -> Inside:
    """Of these cases; each is one question, however many they are."""
    working = session.scalars(select(Assignment).where(Assignment.case_id.in_(keys)))
    routed = session.execute(select(Routing.case_id, Routing.unit).where(Routing.case_id.in_(keys)))
    had = session.execute(
        select(FormerAssignment.case_id, FormerAssignment.reopened).where(
            FormerAssignment.case_id.in_(keys), FormerAssignment.person == session.context.actor_id
        )
    )
    return Inside({one.case_id: one for one in working}, dict(routed.all()), dict(had.all()))


def held_by(found: Assignment | None) -> dict[str, Any]:
    """Who of one's own works on it, and when they look at it again."""
    return {"person": found and found.person, "follow_up_on": found and found.follow_up_on}


def possible_inside(session: Session, row: Case, *, inside: Inside) -> list[str]:
    """What an official may do with a case among colleagues, while it is open here."""
    context, held = session.context, inside.working.get(row.id)
    if not row.is_open_here or context.scope != "tenant":
        return []
    if held is None:
        had_before = row.handler == row.tenant_id and inside.had.get(row.id, row.reopened) < row.reopened
        return [] if had_before else ["claim"]
    if held.person == context.actor_id:
        return ["hand_over", "put_back", "follow_up"]
    return ["put_back"] if DECIDE in context.scopes else []


def clock_of(session: Session, clock: Mapping[str, Any], *, calendars: Any) -> dict[str, Any]:
    """A clock as it stands today."""
    standing = reckoned(clock, calendars=calendars, today=day_of(session.clock.now()))
    turns = clock["turns"]
    return {
        "clock": clock["clock"],
        "days": clock["days"] + clock["extra"],
        "unit": clock["unit"],
        "began_at": turns[0]["since"],
        "left": standing.left,
        "is_running": turns[-1]["owner"] is not None,
        "ground": ground_of([clock]),
        "used": [use_of(owner, ground, days=days) for (owner, ground), days in standing.used.items()],
        "turns": [
            {**use_of(one["owner"], one["ground"], days=standing.by_turn[place]), "since": one["since"], "until": until}
            for place, (one, until) in enumerate(zip(turns, [*(one["since"] for one in turns[1:]), None], strict=True))
            if one["owner"] is not None
        ],
    }


def use_of(owner: str, ground: str | None, *, days: int) -> dict[str, Any]:
    """Whose so many days were, and on what ground the term stood still then."""
    return {
        "owner": None if owner in (APPLICANT, SEVERAL) else owner, "is_applicant": owner == APPLICANT,
        "is_several": owner == SEVERAL, "ground": ground, "days": days,
    }  # fmt: skip


def case_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their numbers and what they are about."""
    item = Case.item
    query = select(Case.id, Case.number, item["name_zh"].astext, item["name_en"].astext).where(Case.id.in_(ids))
    return {key: Name(zh, en or zh, number) for key, number, zh, en in session.execute(query)}
