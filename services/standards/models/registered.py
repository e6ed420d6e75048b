"""What commands and queries alike look up: standards of the register, their numbers, a project's comments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, any_, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from services.standards.models.drafting import Comment, Project, Standard, StandardRow
from shared.core.errors import NotFoundError
from shared.journal.session import Session
from shared.keys.directory import DirectoryRow


def registered(session: Session, keys: Iterable[UUID]) -> dict[UUID, StandardRow]:
    """The standards of these ids that the register knows."""
    wanted = set(keys)
    if not wanted:
        return {}
    return {row.id: row for row in session.scalars(select(StandardRow).where(StandardRow.id.in_(wanted)))}


def one_registered(session: Session, key: UUID) -> StandardRow:
    """One standard, whoever issued it; raises `NotFoundError`."""
    row = session.get(StandardRow, key)
    if row is None:
        raise NotFoundError.of(Standard.called, key)
    return row


def has_number(number: str) -> ColumnElement[bool]:
    """Whether a row of the register has this number from any issuer."""
    # Written into the statement, for a parameter there would hide the index on this very expression.
    name: Any = literal("numbers", Text(), literal_execute=True)
    numbers = StandardRow.state.op("->", return_type=JSONB())(name)
    found: ColumnElement[bool] = numbers.has_key(number)
    return found


def is_number_taken(session: Session, number: str, *, tenant: UUID) -> bool:
    """Whether a released standard has the number from this issuer: one the register knows, or one that is led here.

    What a stranger says of its own numbers occupies none of another tenant's; who issues, the register has proven.
    """
    own = exists().where(literal(number) == any_(Standard.numbers), Standard.home_id == session.context.tenant_id)
    issued = StandardRow.state["issuers"].contains([{"tenant": str(tenant), "number": number}])
    known = exists().where(has_number(number), issued)
    return bool(session.scalar(select(own | known)))


def comments_on(project: Project) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The comments that the project's own home keeps: what others say belongs to it is none of it."""
    return Comment.project_id == project.id, Comment.home_id == project.home_id


def lock_numbers(session: Session, numbers: Iterable[str]) -> None:
    """Until the transaction ends nobody else of this tenant releases anything under these numbers."""
    # In a fixed order, so that two releases do not wait for each other in a circle.
    for number in sorted(set(numbers)):
        name = f"standards/{session.context.tenant_id}/{number}"
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def divisions_of(session: Session, tenant: UUID) -> list[str]:
    """The division codes of a tenant, for a region those of its members, as the directory says."""
    row = session.get(DirectoryRow, tenant)
    state = {} if row is None else row.state
    return [*state.get("division_codes", ()), *(member["division"] for member in state.get("members", ()))]
