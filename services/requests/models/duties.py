"""The duty table of a tenant and what it led to; nobody else sees any of it, and no event tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Mapped, mapped_column

from services.requests.domain.duties import About, fitting
from shared.database.rows import TenantRow
from shared.journal.session import Session

SCHEMA = {"schema": "requests"}


class DutyRule(TenantRow):
    """Which unit handles the cases that fit, and who of it; what is None asks for nothing (`domain.duties.Rule`).

    What was removed counts no more, and stays, so that the audit log can name it.
    """

    __tablename__ = "duty_rules"
    __table_args__ = SCHEMA
    called = "分工规则 / duty rule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID | None]
    category: Mapped[str | None]
    division: Mapped[str | None]
    park_id: Mapped[UUID | None]
    unit: Mapped[str]
    person: Mapped[UUID | None]
    substitute: Mapped[UUID | None]
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]
    removed_at: Mapped[datetime | None]
    organisation_id: Mapped[UUID | None]
    """Nobody's: an organisation's people see none of them."""

    @property
    def etag(self) -> str:
        """As an aggregate's; rules have one epoch."""
        return f"1.{self.version}"


class Routing(TenantRow):
    """To which unit of this tenant the duty table gave a case when it last arrived, and by which rule.

    By none where a matter of a park went to the unit that the park's own table names.
    """

    __tablename__ = "routings"
    __table_args__ = SCHEMA

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str]
    rule_id: Mapped[UUID | None]
    routed_at: Mapped[datetime]
    organisation_id: Mapped[UUID | None]
    """Nobody's, as above."""


def rules_for(session: Session, about: About) -> Sequence[DutyRule]:
    """The rules of this tenant that fit, the one that decides first."""
    rule = DutyRule
    counts = rule.removed_at.is_(None)
    asked = or_(rule.item_id.is_(None), rule.item_id == about.item)
    known = session.scalars(
        select(rule).where(counts, asked, or_(rule.category.is_(None), rule.category == about.category))
    )
    return fitting(known, about)
