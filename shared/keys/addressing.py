"""How people name a tenant: by its id, or by the code that its id follows from."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from events.entry import aggregate_id
from shared.core.context import PLATFORM
from shared.keys.directory import PLATFORM_CODE
from shared.text.identifiers import NotOneError, normal


def addressed(text: str) -> UUID | None:
    """The id of the tenant that is called so, by id or code, whether it exists or not; None for what can be neither.

    An id is read as one first, for it may have the form of a code. The id of a tenant follows from its code.
    """
    with suppress(ValueError):
        return UUID(text)
    try:
        code = normal("tenant_code", text)
    except NotOneError:
        return None
    return PLATFORM if code == PLATFORM_CODE else aggregate_id(PLATFORM, code)
