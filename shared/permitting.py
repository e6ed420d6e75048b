"""What a person may do to a thing now: what its state and their tenant allow, of that what their own rights allow."""

from __future__ import annotations

from collections.abc import Mapping

from shared.context import Context


def permitted(context: Context, possible: Mapping[str, str]) -> list[str]:
    """Of the actions that are `possible`, each with its scope, those whose scope this person holds; sorted.

    Every view's `allowed_actions` comes from here.
    """
    return sorted(action for action, scope in possible.items() if scope in context.scopes)
