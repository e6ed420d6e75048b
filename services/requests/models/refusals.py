"""How often the same was refused to the tenant where cases are filed; in no event but each third time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.requests.models.cases import SCHEMA
from shared.database.rows import TenantRow


class Refusal(TenantRow):
    """What another tenant refuses, and how many times it has (`domain.refusals` says what is the same)."""

    __tablename__ = "refusals"
    __table_args__ = SCHEMA

    by: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    ground: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
