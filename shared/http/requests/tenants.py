"""How a tenant is addressed: by its id or by its code, in paths, queries and bodies alike; inside it is its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import g, has_app_context, request
from marshmallow import fields
from marshmallow.types import ErrorMessages

from shared.http.fields.references import TENANT, Mention, Referring
from shared.http.requests import gate
from shared.keys.addressing import addressed
from shared.keys.directory import Listing
from shared.text.identifiers import normal

LONGEST = 60
TENANT_TEXT = "辖区的编号或代码 / Id or code of a tenant"
TENANT_MESSAGES: ErrorMessages = {
    "tenant": "须为辖区的编号或代码 / Must be the id or the code of a tenant",
    "unknown": "平台上没有辖区 {given},请检查编号或代码 / There is no tenant {given}: check its id or code",
}


def as_given(tenant: UUID) -> str:
    """What the path of this request calls the tenant, for whoever is told that there is none."""
    return next((part for part in request.path.split("/") if addressed(part) == tenant), str(tenant))


class TenantAddress(fields.String, Referring):
    """A tenant by its id or code; one that the directory does not list is refused, and named as it was given."""

    default_error_messages = TENANT_MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        text = {"description": TENANT_TEXT}
        bounds = {"minLength": 1, "maxLength": LONGEST}
        super().__init__(**{**kwargs, "metadata": {**text, **bounds, **kwargs.get("metadata", {})}})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given: str = super()._deserialize(value, *args, **kwargs)
        tenant = addressed(given) if len(given) <= LONGEST else None
        if tenant is None:
            raise self.make_error("tenant")
        if not has_app_context():
            return tenant
        if _listing(tenant) is None:
            raise self.make_error("unknown", given=given)
        return tenant

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """Shown it is the id."""
        del beside
        yield Mention(TENANT, str(value))


class TenantCode(TenantAddress):
    """The same where the code is what is kept: a region's members are listed by it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        tenant = super()._deserialize(value, *args, **kwargs)
        listing = _listing(tenant) if has_app_context() else None
        return normal("tenant_code", value) if listing is None else listing.code


def _listing(tenant: UUID) -> Listing | None:
    """However many tenants of a request there are not, they cost one look."""
    database = gate.database()
    with database.cell_session() as session:
        found = database.directory.listings(session, [tenant], of_tenants=False)
        if not found and not g.get("tenants_looked_up"):
            g.tenants_looked_up = True
            found = database.directory.listings(session, [tenant])
    return found.get(tenant)
