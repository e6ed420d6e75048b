"""Answers that are kept so that the same request again gets the same one (`Idempotency-Key`)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Text, cast, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.rows import TenantRow
from shared.database.session import TenantSession

KEPT = timedelta(hours=24)
MOST = 1000
"""Answers forgotten in one go."""


class IdempotencyRow(TenantRow):
    """What a client's POST was answered with, written in the transaction of its effect."""

    __tablename__ = "idempotency"
    __table_args__ = {"schema": "shared"}

    client_id: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


def forget_old(session: TenantSession) -> None:
    """Drop what is kept no longer, some of it at a time."""
    key = IdempotencyRow.client_id, IdempotencyRow.route, IdempotencyRow.key
    old = select(*key).where(IdempotencyRow.created_at <= session.clock.now() - KEPT).limit(MOST)
    session.execute(delete(IdempotencyRow).where(tuple_(*key).in_(old)))


def forget_answers(session: TenantSession, texts: Collection[str]) -> None:
    """Empty every kept answer that shows one of `texts`, for their erasure; that it was given stays known.

    Were the row gone, the same request again would have its effect a second time.
    """
    answer = cast(IdempotencyRow.answer, Text)
    shown = [answer.contains(json.dumps(text, ensure_ascii=False)[1:-1], autoescape=True) for text in texts if text]
    if shown:
        emptied = func.jsonb_set(IdempotencyRow.answer, cast(["body"], ARRAY(Text)), cast({}, JSONB))
        session.execute(update(IdempotencyRow).where(or_(*shown)).values(answer=emptied))
