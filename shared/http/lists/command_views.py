"""What the API shows of a command that was sent to another tenant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from events.canonical import instant
from shared.commands.forwarding import PendingCommand
from shared.core.words import Pair
from shared.http.fields.references import Reference, SayingObject
from shared.http.fields.strict import BilingualSchema

TITLES: dict[str, str] = {}
"""What people call a command, by its name: `中文 / English`, as the route says by which it is sent."""


def title_of(name: str) -> dict[str, str]:
    """In both languages; one that no route sends is a machine's own."""
    return Pair.read(TITLES.get(name, "平台自动操作 / The platform's own command")).by_language()


class CommandProblemView(Schema):
    """Why home refused a command."""

    status = fields.Integer(required=True)
    code = fields.String(required=True)
    message = fields.Dict(required=True)


class CommandView(Schema):
    """A command sent to another tenant: `pending`, then `done` with the versions that resulted, `refused` or `expired`.

    `overdue` is one whose time has passed without an answer: home is still asked what became of it, see `reason`.
    """

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    title = fields.Nested(BilingualSchema, required=True)
    aggregate = Reference(by="name", required=True)
    home = Reference("tenant", required=True)
    state = fields.String(required=True, metadata={"enum": ["pending", "overdue", "done", "refused", "expired"]})
    reason = fields.Dict(keys=fields.String(), values=fields.String(), required=True, allow_none=True)
    sent_at = fields.String(required=True, metadata={"format": "date-time"})
    expires_at = fields.String(required=True, metadata={"format": "date-time"})
    answered_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    results = fields.List(SayingObject(), required=True)
    problem = fields.Nested(CommandProblemView, required=True, allow_none=True)


def command_document(pending: PendingCommand, now: datetime) -> dict[str, Any]:
    """What the API shows of a command that was sent to another tenant."""
    answer = pending.answer or {}
    state, reason = pending.shown_state(now)
    problem = answer.get("problem")
    return {
        "id": str(pending.id),
        "name": pending.name,
        "title": title_of(pending.name),
        "aggregate": str(pending.aggregate_id),
        "home": str(pending.home_id),
        "state": state,
        "reason": reason,
        "sent_at": instant(pending.sent_at),
        "expires_at": instant(pending.expires_at),
        "answered_at": instant(pending.answered_at) if pending.answered_at else None,
        "results": answer.get("results", []),
        "problem": None
        if problem is None
        else {
            "status": problem["status"],
            "code": problem["code"],
            "message": {"zh": problem["zh"], "en": problem["en"]},
        },
    }
