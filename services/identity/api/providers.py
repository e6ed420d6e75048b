"""Routes about a tenant's own OpenID Connect providers."""

from __future__ import annotations

from services.identity.commands import providers as commands
from services.identity.domain import acts
from services.identity.models import Provider
from services.identity.queries import registered
from services.identity.routes import routes
from services.identity.schemas import providers as schemas
from shared.http.declarations import Resource
from shared.http.resources import ResourceView

ALL = "/v1/providers"
READ, MANAGE = "providers:read", "providers:manage"
PROVIDER = ResourceView(
    kind=Provider, view=schemas.ProviderView, present=registered.present_providers, url=lambda row: f"{ALL}/{row.id}"
)
providers = Resource(routes, ALL, PROVIDER, read=READ, write=MANAGE)

providers.list(registered.providers, summary="外部身份源 / Providers")
providers.create(
    commands.add_provider,
    draft=schemas.ProviderDraft,
    summary="设置外部身份源 / Add a provider",
    audited=acts.PROVIDER_SET,
)
providers.get(registered.provider, summary="一个外部身份源 / One provider")
providers.revise(
    commands.revise_provider,
    draft=schemas.ProviderRevision,
    current=commands.locked_provider,
    summary="修改外部身份源 / Revise a provider",
    audited=acts.PROVIDER_SET,
)
providers.act(
    commands.remove_provider,
    current=commands.locked_provider,
    summary="移除外部身份源 / Remove a provider",
    audited=acts.PROVIDER_REMOVED,
)
