"""How a case, or a part of it, went from one jurisdiction to another."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.refusals import FORWARD_KINDS
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.times import Instant


class ForwardView(Schema):
    """One change of the handler: by whom, to whom, when and why."""

    by = Reference("tenant")
    to = Reference("tenant")
    at = Instant()
    kind = Choice(FORWARD_KINDS, allow_none=True)
    reason = fields.String(allow_none=True)
