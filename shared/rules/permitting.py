"""What a person may do to a thing now: what its state and their tenant allow, of that what their own rights allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from shared.core.context import Context
from shared.core.errors import RefusedError


def permitted(possible: Iterable[str], *, scopes: Mapping[str, str], held: Collection[str]) -> list[str]:
    """Of the actions that are `possible`, those whose scope is `held`; sorted.

    `scopes` are those that the routes ask for: what has no route is no action of people.
    """
    return sorted(action for action in possible if scopes.get(action) in held)


def own_organisation(context: Context) -> UUID:
    """For which organisation this person acts; raises `RefusedError` for a tenant's people, who act for none."""
    if context.organisation_id is None:
        raise RefusedError(
            "organisation_only",
            "此接口只供组织的用户使用。本辖区的工作人员请用本辖区的相应接口。",
            "This is for an organisation's own users. A tenant's people use the route of the same name without 'own'.",
        )
    return context.organisation_id
