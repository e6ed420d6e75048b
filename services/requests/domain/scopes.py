"""The scopes of this service."""

from __future__ import annotations

READ, FILE, WRITE, DECIDE = "requests:read", "requests:file", "requests:write", "requests:decide"
"""See items and cases; file cases and answer for the applicant; handle them and keep items; decide."""
OF_PARK = "parks:read"
"""See who answers what in a park: whoever sees the park itself, which an organisation's people do not."""
SIGN = "requests:sign"
"""Sign or refuse what several tenants agree on."""
