"""Base64url without padding (RFC 4648, 5), as keys, signatures and cursors are written."""

from __future__ import annotations

import base64


def b64encode(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def b64decode(text: str) -> bytes:
    """The inverse; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
