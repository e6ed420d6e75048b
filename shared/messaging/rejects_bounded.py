"""How much of what was rejected is kept: of each sender its newest, and of the loudest sender the least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select

from shared.replication.progress import RejectRow

MOST_OF_ONE, MOST = 1_000, 10_000
"""Messages of one sender, as they name it, and of all."""
MOST_BYTES_OF_ONE, MOST_BYTES = 32_000_000, 256_000_000
KEY = (RejectRow.topic, RejectRow.partition, RejectRow.offset)


def too_much() -> Any:
    """Topic, partition and offset of what is to go."""
    order = RejectRow.received_at.desc(), *KEY
    size = func.octet_length(RejectRow.value)
    sender = RejectRow.sender_id
    ranked = select(
        *KEY,
        RejectRow.received_at,
        size.label("size"),
        func.row_number().over(partition_by=sender, order_by=order).label("rank"),
        func.sum(size).over(partition_by=sender, order_by=order).label("bytes"),
    ).subquery()
    fair: Sequence[Any] = (ranked.c.rank, ranked.c.received_at.desc(), ranked.c.topic, ranked.c.offset)
    counted = select(
        ranked,
        func.row_number().over(order_by=fair).label("place"),
        func.sum(ranked.c.size).over(order_by=fair).label("total"),
    ).subquery()
    too_much = or_(
        counted.c.rank > MOST_OF_ONE,
        counted.c.bytes > MOST_BYTES_OF_ONE,
        counted.c.place > MOST,
        counted.c.total > MOST_BYTES,
    )
    return select(counted.c.topic, counted.c.partition, counted.c.offset).where(too_much)
