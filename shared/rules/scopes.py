"""The scopes of access tokens (RFC 6749, 3.3): each route asks for one, `noun:verb`."""

from __future__ import annotations

SCOPES: set[str] = set()
"""Every scope that a route asks for."""
