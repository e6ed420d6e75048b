"""What this service knows of organisations and parks, from their own events: where they are, and who builds a park."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from shared.database.rows import TenantRow

SCHEMA = {"schema": "requests"}
ENDED = ("dissolved", "withdrawn")
IN_FORCE = ("active", "suspended")
"""States of a park in which organisations are settled: their people see no other."""


class Place(TenantRow):
    """In which division an organisation has its seat, as its home last said; kept so that a case can say it."""

    __tablename__ = "places"
    __table_args__ = SCHEMA

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    division: Mapped[str]


class KnownPark(TenantRow):
    """A park of which this tenant is a party, as its home last said; `home` keeps it, `parties` build it."""

    __tablename__ = "parks"
    __table_args__ = SCHEMA
    called = "园区 / park"

    park_id: Mapped[UUID] = mapped_column(primary_key=True)
    home: Mapped[UUID]
    parties: Mapped[list[UUID]]
    state: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    division: Mapped[str | None]
