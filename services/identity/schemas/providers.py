"""Bodies and views of a tenant's own OpenID Connect providers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, Schema, Text, count, revision_of
from shared.http.fields.texts import Secret
from shared.http.fields.times import Instant

DOMAIN = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
DOMAIN_WORDS = {"pattern": "须为域名,如 example.gov.cn / Must be a domain such as example.gov.cn"}
CLAIMS: dict[str, Any] = {
    "keys": Choice(("login", "name", "email")),
    "values": Text(60, pattern=r"[A-Za-z0-9_:./-]+"),
    "validate": count(1, 3),
}
USUAL = {"login": "preferred_username", "name": "name", "email": "email"}


class ProviderDraft(Schema):
    """A provider; `claims` says which of its claims hold login, name and e-mail; `domain` whom it may vouch for."""

    label = Text(100, required=True)
    issuer = Text(300, required=True)
    client_id = Text(200, required=True)
    client_secret = Secret(500, required=True)
    scopes = fields.List(
        Text(60, pattern=r"[!#-\[\]-~]+"), load_default=lambda: ["openid", "profile", "email"], validate=count(1, 20)
    )
    claims = fields.Dict(**CLAIMS, load_default=lambda: dict(USUAL))
    domain = Text(200, pattern=DOMAIN, load_default=None, allow_none=True, error_messages=DOMAIN_WORDS)


@revision_of(ProviderDraft, without=("issuer",))
class ProviderRevision(Amendment):
    """What may change of a provider; its issuer may not, for the accounts linked to it are that issuer's."""


class ProviderView(Schema):
    """A provider; its client secret is not shown."""

    id = Reference("provider", required=True)
    label = fields.String(required=True)
    issuer = fields.String(required=True)
    client_id = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    claims = fields.Dict(required=True)
    domain = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    etag = fields.String(required=True)
