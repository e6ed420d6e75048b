"""Permissions: every scope in words, beside it the roles that hold it."""

from __future__ import annotations

from typing import Any

from services.console.calling.description import description
from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.choices import MOST_CHOICES
from services.console.kit.entries import ENTRIES, entry
from services.console.pages.frame import opens, render
from shared.pages.asking import pages_of

MATRIX = entry(
    name="who-may-what",
    title="权限一览 / Permissions",
    scope="roles:read",
    icon="list-details",
    group="administration",
    order=3,
)


@opens(f"/console/{MATRIX.name}")
def show_matrix(who: Visitor) -> Any:
    """A row for each scope that any role holds here, a column for each role."""
    roles = pages_of(who.api, AREAS["roles"].path, most=MOST_CHOICES)
    held = sorted({scope for role in roles for scope in role["scopes"]})
    rows = [(scope, description().scopes[scope], [role for role in roles if scope in role["scopes"]]) for scope in held]
    return render(who, "who_may_what.html", entry=ENTRIES[MATRIX.name], columns=roles, rows=rows)
