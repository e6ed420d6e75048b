"""What registers are made of: broadcast entries, one table for all tenants of a cell."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Entry
from shared.database.rows import Row


class RegisterEntry(Row):
    """Every entry this cell ever received for a register: what was known here, and when."""

    __tablename__ = "register_entries"
    __table_args__ = {"schema": "shared"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[dict[str, Any]]
    entry: Mapped[bytes]
    signature: Mapped[str]
    received_at: Mapped[datetime]

    def read(self) -> Entry:
        """The entry itself."""
        return Entry.parse(json.loads(self.entry))
