"""Which citations and certificates of a tenant may rest on a ground: found by indexes, however much there is besides.

What is found here may be more than what falls, never less: `grounds.fallen` tells them apart.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from services.standards.domain.consequences import BODY, CERTIFICATE, DEEPEST, UNDOABLE
from services.standards.models import Certificate, CertificateRow, Citation, Consequence
from shared.journal.session import Session

MOST_RESTING = 10_000
"""Certificates of a ground, and as many based on these, that are followed at once; the daily look finds the rest."""
_Of = aliased(CertificateRow)


def undecided() -> ColumnElement[bool]:
    """What a change of the cause may let lapse, or undo."""
    return or_(Consequence.state == "open", Consequence.outcome.in_(UNDOABLE))


def concerned(session: Session, kind: str, *, causes: Collection[UUID]) -> list[UUID]:
    """On which of these certificates, bodies or standards anything here might rest, or depend; mostly on none."""
    given = {"causes": sorted(causes), "here": session.context.tenant_id}
    return list(session.scalars(_concerned(kind), given))


@cache
def _concerned(kind: str) -> Select[Any]:
    """Made once: to make it takes longer than to run it."""
    causes: Any = bindparam("causes", type_=ARRAY(Uuid()))
    one = func.unnest(causes).table_valued(column("id", Uuid()), name="cause").render_derived()
    cause = one.c.id
    here = Consequence.home_id == bindparam("here", type_=Uuid())
    # Counted: where one need only exist, PostgreSQL hopes to come upon it early, and reads the whole register.
    based = select(func.count()).select_from(CertificateRow).where(_based_on_any(_numbers(kind, cause)))
    found: list[ColumnElement[bool]] = [
        based.scalar_subquery() > 0,
        exists().where(here, Consequence.cause_id == cause, undecided()),
        exists().where(Citation.cited_id == cause),
    ]
    if kind != CERTIFICATE:
        found += [
            exists().where(Citation.cited_id == CertificateRow.id, _of(CertificateRow, kind) == cause),
            exists().where(_of(Certificate, kind) == cause),
        ]
    return select(cause).where(or_(*found))


def _of(row: Any, kind: str) -> Any:
    """The column by which a certificate rests on this kind of ground; a recognition is one of documents."""
    if kind == CERTIFICATE:
        return row.id
    return row.body_id if kind == BODY else row.standard_id


def _numbers(kind: str, *causes: Any) -> ColumnElement[Any]:
    numbers = select(_Of.state["number"].astext).where(_of(_Of, kind).in_(causes)).limit(MOST_RESTING)
    return func.array(numbers.scalar_subquery(), type_=ARRAY(Text()))


def _based_on_any(numbers: ColumnElement[Any]) -> ColumnElement[bool]:
    # Written into the statement: a parameter there would hide the index on this very expression.
    name: Any = literal("based_on", Text(), literal_execute=True)
    found: ColumnElement[bool] = CertificateRow.state.op("->", return_type=JSONB())(name).has_any(numbers)
    return found


def derived(session: Session, kind: str, *, named: set[UUID]) -> set[UUID]:
    """All certificates that are based on one of these, or on one under or by them, in however many steps.

    `named` are the ground itself, of a recognition the standards that it names.
    """
    found: set[UUID] = set()
    numbers = _numbers(kind, *named)
    for _level in range(DEEPEST):
        query = select(CertificateRow.id, CertificateRow.state["number"].astext).where(_based_on_any(numbers))
        new = {key: number for key, number in session.execute(query.limit(MOST_RESTING)) if key not in found}
        if not new or len(found) >= MOST_RESTING:
            break
        found |= set(new)
        numbers = cast([number for number in new.values() if number is not None], ARRAY(Text()))
    return found


def cites_any(session: Session, kind: str, *, named: set[UUID]) -> ColumnElement[bool]:
    """Citations of these, of certificates that rest on them, and of what is based on such a one."""
    known = sorted(named | derived(session, kind, named=named))
    ids = select(func.unnest(cast(known, ARRAY(Uuid()))))
    if kind == CERTIFICATE:
        return Citation.cited_id.in_(ids)
    return Citation.cited_id.in_(union_all(ids, select(CertificateRow.id).where(_of(CertificateRow, kind).in_(named))))


def rests_on_any(session: Session, kind: str, *, named: set[UUID]) -> ColumnElement[bool]:
    """The same for own certificates."""
    based = derived(session, kind, named=named)
    if kind == CERTIFICATE:
        return Certificate.id.in_(based - named)
    return (
        or_(_of(Certificate, kind).in_(named), Certificate.id.in_(based))
        if based
        else _of(Certificate, kind).in_(named)
    )
