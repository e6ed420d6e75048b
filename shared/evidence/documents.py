"""Rows of registers and rows of one's own as one kind of document, with the reasons that are known here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from events.canonical import Json
from shared.database.rows import Aggregate, Register, state_of
from shared.evidence.texts import texts
from shared.journal.session import Session
from shared.rules.lifecycle import Lifecycle


def document_of(row: Register | Aggregate) -> dict[str, Any]:
    """The state with what the machine knows of it, whoever's it is."""
    state: Mapping[str, Json] = row.state if isinstance(row, Register) else state_of(row)
    changed = json.loads(row.entry)["occurred_at"] if isinstance(row, Register) else row.updated_at
    known = {"id": row.id, "epoch": row.epoch, "version": row.version, "etag": row.etag, "updated_at": changed}
    return {**state, **known}


def documents_of(session: Session, rows: Sequence[Register | Aggregate]) -> list[dict[str, Any]]:
    """The same for many, with `reason`: another tenant's reasons are not known here, erased ones nowhere."""
    found = [document_of(row) for row in rows]
    reasons = texts(session, [(item["id"], item["reason_digest"]) for item in found])
    return [{**item, "reason": reasons.get((item["id"], item["reason_digest"] or ""))} for item in found]


def possible_at_home(session: Session, document: Mapping[str, Any], *, lifecycle: Lifecycle) -> tuple[str, ...]:
    """What may be done to the thing now: at home alone."""
    return lifecycle.actions(document["state"]) if document["tenant"] == str(session.context.party) else ()
