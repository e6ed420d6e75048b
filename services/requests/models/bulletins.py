"""What a jurisdiction has published of how it keeps its terms."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Computed
from sqlalchemy.orm import Mapped, mapped_column

from services.requests.domain.bulletins import BULLETIN_LIFECYCLE
from services.requests.models.cases import SCHEMA
from shared.database.rows import Aggregate, Register, aggregate


class BulletinRow(Register):
    """What every cell knows of bulletins."""

    __tablename__ = "bulletins_register"
    __table_args__ = SCHEMA

    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))
    tenant: Mapped[UUID] = mapped_column(Computed("(state->>'tenant')::uuid", persisted=True))
    until: Mapped[str] = mapped_column(Computed("state->>'until'", persisted=True))


@aggregate
class Bulletin(Aggregate):
    """How its home kept its terms in a period, by role and item, as it stood on the day it was published; broadcast.

    `rows` are `{"role", "item", "code", "name_zh", "name_en"}` with the counts of `models.Tally`.
    """

    __tablename__ = "bulletins"
    __table_args__ = SCHEMA
    kind = "requests.bulletin"
    called = "办件公报 / bulletin"
    register = BulletinRow
    home_column = "tenant"
    audited = ("state", "since", "until")
    lifecycle = BULLETIN_LIFECYCLE

    tenant: Mapped[UUID]
    state: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    rows: Mapped[list[dict[str, Any]]]
