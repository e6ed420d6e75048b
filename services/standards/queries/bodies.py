"""Lists of conformity bodies, and what their view shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.standards.domain.corrections import can_correct
from services.standards.domain.lifecycles import BODY_LIFECYCLE
from services.standards.models import Body, BodyRow
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.evidence.documents import documents_of, possible_at_home
from shared.journal.session import Session
from shared.text.matching import sounds_like_all

bodies = ListQuery(
    BodyRow,
    Order(
        {"code": BodyRow.code, "received_at": BodyRow.received_at},
        "code",
        (BodyRow.id,),
        at_or_after(BodyRow.received_at),
    ),
    {
        "code": BodyRow.code,
        "tenant": lambda value: BodyRow.state["tenant"].astext == str(value),
        "standard": lambda value: BodyRow.state["grants"].contains([{"standards": [str(value)]}]),
        "state": BodyRow.state["state"].astext,
        "q": lambda value: sounds_like_all(BodyRow.folded, value),
    },
)
"""Bodies of the whole platform, as the register tells of them, in order of their codes."""


def body(session: Session, key: UUID) -> Body | BodyRow:
    """One's own as it is, another tenant's as the register tells of it; raises `NotFoundError`."""
    found = session.get(Body, (session.context.tenant_id, key)) or session.get(BodyRow, key)
    if found is None:
        raise NotFoundError.of(Body.called, key)
    return found


def present_bodies(session: Session, rows: Sequence[Body | BodyRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        {**item, "allowed_actions": correctable(item, possible_at_home(session, item, lifecycle=BODY_LIFECYCLE))}
        for item in documents_of(session, rows)
    ]


def correctable(item: Mapping[str, Any], actions: Sequence[str]) -> list[str]:
    """The actions, without the correction of what had no mistake."""
    return [action for action in actions if action != "restore" or can_correct(item["spells"])]
