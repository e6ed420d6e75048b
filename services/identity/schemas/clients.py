"""Bodies and views of clients and their credentials."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from services.identity.domain.clients import KINDS
from services.identity.domain.keys import ID_TOKEN_ALGORITHMS
from services.identity.domain.users import CLIENT_LIFECYCLE
from shared.http.fields.references import ClientReference, Reference
from shared.http.fields.strict import Amendment, Choice, Schema, Text, count, revision_of
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Instant, Moment
from shared.http.lists.pages import PageFilter

CREDENTIALS = ("secret", "key")


class ClientDraft(Schema):
    """A new client; `kind` is public (browser, command line), web (keeps a secret) or machine (acts for itself)."""

    name = Identifier("client", required=True)
    label = Text(100, required=True)
    client_kind = Choice(KINDS, required=True, data_key="kind")
    redirect_uris = fields.List(Text(500), load_default=list, validate=count(0, 20))
    logout_uris = fields.List(Text(500), load_default=list, validate=count(0, 20))
    scopes = fields.List(Text(100), load_default=list, validate=count(0, 200))
    networks = fields.List(Text(50), load_default=list, validate=count(0, 50))
    id_token_signed_response_alg = Choice(ID_TOKEN_ALGORITHMS, load_default=ID_TOKEN_ALGORITHMS[0])
    expires_at = Moment(endless=True, load_default=None)


@revision_of(ClientDraft, without=("name", "client_kind"))
class ClientRevision(Amendment):
    """What may change of a client; what is left out stays."""


class ClientView(Schema):
    """A client as the tenant's administrators see it."""

    client_id = ClientReference(required=True)
    name = fields.String(required=True)
    label = fields.String(required=True)
    kind = Choice(KINDS, required=True)
    state = Choice(CLIENT_LIFECYCLE.states, required=True)
    redirect_uris = fields.List(fields.String(), required=True)
    logout_uris = fields.List(fields.String(), required=True)
    scopes = fields.List(fields.String(), required=True)
    networks = fields.List(fields.String(), required=True)
    id_token_signed_response_alg = Choice(ID_TOKEN_ALGORITHMS, required=True)
    expires_at = Instant(required=True, allow_none=True)
    used_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    etag = fields.String(required=True)
    allowed_actions = fields.List(fields.String(), required=True)


class ClientFilter(PageFilter):
    """Which clients to list."""

    kind = Choice(KINDS, load_default=None)
    state = Choice(CLIENT_LIFECYCLE.states, load_default=None)


class CredentialDraft(Schema):
    """A new secret, made here and shown once, or the public half of a key that the client keeps."""

    kind = Choice(CREDENTIALS, required=True)
    jwk = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    expires_at = Moment(endless=True, load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def check_key(self, data: dict[str, Any], **_: Any) -> None:
        """A key comes with its JWK, a secret without."""
        if (data["kind"] == "key") != (data["jwk"] is not None):
            raise ValidationError(
                "凭据类型为公钥时须填写公钥,其他类型不填 / Give the public key when, and only when, kind is key", "jwk"
            )


class CredentialView(Schema):
    """A credential; the secret itself is known to nobody but the client."""

    id = Reference("credential", required=True)
    client = fields.String(required=True)
    kind = Choice(CREDENTIALS, required=True)
    jwk = fields.Dict(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)
    used_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)


class IssuedView(CredentialView):
    """A new credential with its secret, this once."""

    secret = fields.String(required=True, allow_none=True)
