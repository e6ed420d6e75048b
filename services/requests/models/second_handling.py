"""Who of a tenant had a case, and has it no more; in no event, and nobody else's to see."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.requests.models.cases import SCHEMA
from shared.database.rows import TenantRow


class FormerAssignment(TenantRow):
    """Somebody who had the case, and how often it had been reopened then: once it is reopened, a colleague has it.

    `organisation_id` is nobody's: an organisation's people see none of them.
    """

    __tablename__ = "former_assignments"
    __table_args__ = SCHEMA

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    reopened: Mapped[int]
    organisation_id: Mapped[UUID | None]
