"""The scopes of this service."""

from __future__ import annotations

READ, FILE, WRITE, DECIDE = "requests:read", "requests:file", "requests:write", "requests:decide"
"""See items and cases; file cases and answer for the applicant; handle them and keep items; decide."""
SIGN = "requests:sign"
"""Sign or refuse what several tenants agree on."""
