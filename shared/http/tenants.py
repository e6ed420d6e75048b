"""How a tenant is addressed: by its id or by its code, in paths, queries and bodies alike; inside it is its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import has_app_context
from marshmallow import fields
from marshmallow.types import ErrorMessages

from events.entry import aggregate_id
from shared.context import PLATFORM
from shared.http import gate
from shared.http.references import TENANT, Mention, Referring
from shared.identifiers import NotOneError, normal

PLATFORM_CODE = "platform"
LONGEST = 60
TENANT_MESSAGES: ErrorMessages = {
    "tenant": "须为辖区的编号或代码 / Must be the id or the code of a tenant",
    "unknown": "平台上没有辖区 {given},请检查编号或代码 / There is no tenant {given}: check its id or code",
}


def addressed(text: str) -> UUID | None:
    """The id of the tenant with this id or code, whether it exists or not; None for what can be neither.

    An id is read as one first, for it may have the form of a code. The id of a tenant follows from its code.
    """
    try:
        return UUID(text)
    except ValueError:
        pass
    try:
        code = normal("tenant_code", text)
    except NotOneError:
        return None
    return PLATFORM if code == PLATFORM_CODE else aggregate_id(PLATFORM, code)


class TenantAddress(fields.String, Referring):
    """A tenant by its id or code; one that the directory does not list is refused, and named as it was given."""

    default_error_messages = TENANT_MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        text = {"description": "辖区的编号或代码 / Id or code of a tenant"}
        bounds = {"minLength": 1, "maxLength": LONGEST}
        super().__init__(**{**kwargs, "metadata": {**text, **bounds, **kwargs.get("metadata", {})}})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given: str = super()._deserialize(value, *args, **kwargs)
        tenant = addressed(given) if len(given) <= LONGEST else None
        if tenant is None:
            raise self.make_error("tenant")
        if has_app_context() and not _is_listed(tenant):
            raise self.make_error("unknown", given=given)
        return tenant

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """Shown it is the id."""
        del beside
        yield Mention(TENANT, str(value))


def _is_listed(tenant: UUID) -> bool:
    database = gate.database()
    with database.cell_session() as session:
        return database.directory.listing(session, tenant) is not None
