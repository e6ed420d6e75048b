"""Routes about token signing keys."""

from __future__ import annotations

from marshmallow import fields

from services.identity.commands import keys
from services.identity.domain import acts
from services.identity.domain.keys import KEY_LIFECYCLE
from services.identity.models import TokenKey
from services.identity.routes import routes
from shared.http.declarations import Resource
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.times import Instant
from shared.http.resources import ResourceView


class TokenKeyView(Schema):
    """A set of keys that sign or signed this tenant's tokens: `public` access tokens, `id_keys` ID tokens (JWKs)."""

    id = Reference("token_key", required=True)
    key = fields.String(required=True)
    public = fields.String(required=True)
    id_keys = fields.Dict(keys=fields.String(), required=True)
    state = Choice(KEY_LIFECYCLE.states, required=True)
    until = Instant(required=True, allow_none=True)


KEY = ResourceView(kind=TokenKey, view=TokenKeyView)
Resource(routes, "/v1/token-keys", KEY, write="keys:manage").create(
    keys.rotate_token_key, summary="更换令牌签名密钥 / Rotate the token signing key", audited=acts.KEY_ROTATED
)
