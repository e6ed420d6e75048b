"""Rows of registers and rows of one's own as one kind of document, with the reasons that are known here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from events.canonical import Json
from shared.core.errors import NotFoundError
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


def told_of(kind: type[Aggregate]) -> Callable[[Any], list[ColumnElement[bool]]]:
    """The rows of its register that a list shows: what is no draft any more, and to officials those of their tenant."""
    row, draft = _register(kind)

    def visible(session: Any) -> list[ColumnElement[bool]]:
        told, context = row.status != draft, session.context
        return [told if context.scope != "tenant" else or_(told, row.tenant == context.tenant_id)]

    return visible


def told(session: Session, kind: type[Aggregate], *, key: UUID) -> Any:
    """The same of one: one's own as it is, another's as the register tells of it; raises `NotFoundError`."""
    row, draft = _register(kind)
    own: Any = session.get(kind, (session.context.tenant_id, key))
    if own is not None and (own.state != draft or session.context.scope == "tenant"):
        return own
    known = session.get(row, key) if own is None else None
    if known is None or known.status == draft:
        raise NotFoundError.of(kind.called, key)
    return known


def _register(kind: type[Aggregate]) -> tuple[Any, str]:
    """Its register, whose rows have `status` and `tenant`, and the state in which it is nobody else's to see."""
    if kind.register is None or kind.lifecycle is None:
        raise TypeError(f"{kind.kind} is not broadcast, or has no lifecycle")
    return kind.register, kind.lifecycle.initial


def possible_at_home(session: Session, document: Mapping[str, Any], *, lifecycle: Lifecycle) -> tuple[str, ...]:
    """What may be done to the thing now: at home alone."""
    return lifecycle.actions(document["state"]) if document["tenant"] == str(session.context.party) else ()
