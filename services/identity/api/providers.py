"""Routes about a tenant's own OpenID Connect providers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.identity.commands import providers as commands
from services.identity.domain import acts
from services.identity.models import Provider
from services.identity.queries import registered
from services.identity.routes import routes
from services.identity.schemas import providers as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing
from shared.http.lists.pages import PageFilter
from shared.http.resources import ResourceView
from shared.journal.session import Session

ALL = "/v1/providers"
ONE = f"{ALL}/<uuid:key>"
READ, MANAGE = "providers:read", "providers:manage"
PROVIDER = ResourceView(kind=Provider, view=schemas.ProviderView, present=registered.present_providers,
                 url=lambda row: f"{ALL}/{row.id}")  # fmt: skip


@routes.list(ALL, PROVIDER, scope=READ, summary="外部身份源 / Providers", query=PageFilter,
             order=registered.PROVIDERS)  # fmt: skip
def list_providers(session: Session, _filters: dict[str, Any], paging: PageRequest) -> Page:
    """The tenant's own."""
    return registered.providers(session, paging=paging)


@routes.create(ALL, PROVIDER, scope=MANAGE, summary="设置外部身份源 / Add a provider", draft=schemas.ProviderDraft,
               audited=acts.PROVIDER_SET)  # fmt: skip
def add_provider(session: Session, **given: Any) -> Provider:
    """One that this tenant's users may sign in with."""
    return commands.add_provider(session, **given)


@routes.get(ONE, PROVIDER, scope=READ, summary="一个外部身份源 / One provider")
def show_provider(session: Session, key: UUID) -> Provider:
    """One provider."""
    return registered.provider(session, key)


@routes.own("PATCH", ONE, shown=PROVIDER, scope=MANAGE, summary="修改外部身份源 / Revise a provider",
            draft=schemas.ProviderRevision, audited=acts.PROVIDER_SET, current=commands.locked_provider)  # fmt: skip
def revise_provider(session: Session, key: UUID, **changes: Any) -> Provider:
    """Change what was given."""
    return commands.revise_provider(session, key, **changes)


@routes.own("POST", f"{ONE}/remove", shown=PROVIDER, scope=MANAGE, summary="移除外部身份源 / Remove a provider",
            draft=Nothing, audited=acts.PROVIDER_REMOVED, current=commands.locked_provider)  # fmt: skip
def remove_provider(session: Session, key: UUID) -> Provider:
    """Nobody signs in with it any more."""
    return commands.remove_provider(session, key)
