"""The free texts behind digests in rows, as far as they are here and have not been erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select, tuple_

from events.text import FreeText
from shared.journal.entries import TextRow
from shared.journal.session import Session

Name = tuple[UUID, str]
"""Aggregate and digest."""


def texts(session: Session, names: Iterable[tuple[UUID, str | None]]) -> Mapping[Name, str]:
    """The texts by name; an erased one, or one that never came here, is missing."""
    wanted = {(key, digest) for key, digest in names if digest is not None}
    if not wanted:
        return {}
    name = tuple_(TextRow.aggregate_id, TextRow.digest)
    found = session.execute(select(TextRow.aggregate_id, TextRow.digest, TextRow.text).where(name.in_(wanted)))
    return {(key, digest): text for key, digest, text in found}


def again(session: Session, key: UUID, *, digest: str | None) -> FreeText | None:
    """The text as it was signed, for an entry that is to tell it to those who were no party then; None once erased."""
    row = None if digest is None else session.get(TextRow, (session.context.tenant_id, key, digest))
    return None if row is None else FreeText(row.text, row.salt)
