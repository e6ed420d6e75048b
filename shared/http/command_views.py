"""What the API shows of a command that was sent to another tenant."""

from __future__ import annotations

from marshmallow import Schema, fields

from shared.http.references import Reference, SayingObject


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
    aggregate = Reference(by="name", required=True)
    home = Reference("tenant", required=True)
    state = fields.String(required=True, metadata={"enum": ["pending", "overdue", "done", "refused", "expired"]})
    reason = fields.Dict(keys=fields.String(), values=fields.String(), required=True, allow_none=True)
    sent_at = fields.String(required=True, metadata={"format": "date-time"})
    expires_at = fields.String(required=True, metadata={"format": "date-time"})
    answered_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    results = fields.List(SayingObject(), required=True)
    problem = fields.Nested(CommandProblemView, required=True, allow_none=True)
