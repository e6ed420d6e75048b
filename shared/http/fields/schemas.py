"""Schemas of routes, each made once."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema


@cache
def schema(kind: type[Schema], *, many: bool = False) -> Schema:
    """The schema of this class: it keeps nothing of what it loads, and to make one takes longer than to use it."""
    return kind(many=many)
