"""The index of dependants: which citations and certificates may rest on a cause, however much there is besides.

What is found here may be more than what is broken, never less: `dependencies.broken_dependencies` tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
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
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from services.standards.commands.dependencies import Cause
from services.standards.domain.consequences import UNDOABLE
from services.standards.domain.dependencies import (
    BODY,
    CERTIFICATE,
    DEEPEST,
    RECOGNITION,
    STANDARD,
    is_current,
    named_standards,
)
from services.standards.models import Certificate, CertificateRow, Citation, Consequence
from shared.journal.session import Session

MOST_DEPENDANTS = 10_000
"""Certificates of a cause, and as many based on these, that are followed at once; the daily look finds the rest."""
_Other = aliased(CertificateRow)


def undecided() -> ColumnElement[bool]:
    """What a change of the cause may let lapse, or undo."""
    return or_(Consequence.state == "open", Consequence.outcome.in_(UNDOABLE))


def causes_with_dependants(session: Session, kind: str, *, causes: Collection[UUID]) -> list[UUID]:
    """On which of these certificates, bodies or standards anything here might rest, or depend; mostly on none."""
    given = {"causes": sorted(causes), "here": session.context.tenant_id}
    return list(session.scalars(_with_dependants(kind), given))


@cache
def _with_dependants(kind: str) -> Select[Any]:
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
            exists().where(Citation.cited_id == CertificateRow.id, _dependency(CertificateRow, kind) == cause),
            exists().where(_dependency(Certificate, kind) == cause),
        ]
    return select(cause).where(or_(*found))


def _dependency(row: Any, kind: str) -> Any:
    """The column by which a certificate rests on this kind of cause; a recognition is one of standards."""
    if kind == CERTIFICATE:
        return row.id
    return row.body_id if kind == BODY else row.standard_id


def _numbers(kind: str, *causes: Any) -> ColumnElement[Any]:
    numbers = select(_Other.state["number"].astext).where(_dependency(_Other, kind).in_(causes)).limit(MOST_DEPENDANTS)
    return func.array(numbers.scalar_subquery(), type_=ARRAY(Text()))


def _based_on_any(numbers: ColumnElement[Any]) -> ColumnElement[bool]:
    # Written into the statement: a parameter there would hide the index on this very expression.
    name: Any = literal("based_on", Text(), literal_execute=True)
    found: ColumnElement[bool] = CertificateRow.state.op("->", return_type=JSONB())(name).has_any(numbers)
    return found


def based_on_any(session: Session, kind: str, *, named: set[UUID]) -> set[UUID]:
    """All certificates that are based on one of these, or on one under or by them, in however many steps.

    `named` are the cause itself, of a recognition the standards that it names.
    """
    found: set[UUID] = set()
    numbers = _numbers(kind, *named)
    for _level in range(DEEPEST):
        query = select(CertificateRow.id, CertificateRow.state["number"].astext).where(_based_on_any(numbers))
        new = {key: number for key, number in session.execute(query.limit(MOST_DEPENDANTS)) if key not in found}
        if not new or len(found) >= MOST_DEPENDANTS:
            break
        found |= set(new)
        numbers = cast([number for number in new.values() if number is not None], ARRAY(Text()))
    return found


def cites_any(session: Session, kind: str, *, named: set[UUID]) -> ColumnElement[bool]:
    """Citations of these, of certificates that rest on them, and of what is based on such a one."""
    known = sorted(named | based_on_any(session, kind, named=named))
    ids = select(func.unnest(cast(known, ARRAY(Uuid()))))
    if kind == CERTIFICATE:
        return Citation.cited_id.in_(ids)
    return Citation.cited_id.in_(
        union_all(ids, select(CertificateRow.id).where(_dependency(CertificateRow, kind).in_(named)))
    )


def depends_on_any(session: Session, kind: str, *, named: set[UUID]) -> ColumnElement[bool]:
    """The same for own certificates."""
    based = based_on_any(session, kind, named=named)
    if kind == CERTIFICATE:
        return Certificate.id.in_(based - named)
    return (
        or_(_dependency(Certificate, kind).in_(named), Certificate.id.in_(based))
        if based
        else _dependency(Certificate, kind).in_(named)
    )


def dependants_of(search: Callable[..., ColumnElement[bool]], session: Session, *, cause: Cause | None) -> Any:
    """What `search` finds of the cause; without a cause everything, and nothing where it counts for all."""
    if cause is None:
        return true()
    kind, key, document = cause.dependency
    # An accredited body may have lost a grant, a recognition in force an item: there each dependant is looked at.
    if kind in (CERTIFICATE, STANDARD) and is_current(kind, document):
        return false()
    # A recognition is not cited, but the standards that it names are.
    return search(session, kind, named=named_standards(document) if kind == RECOGNITION else {key})
