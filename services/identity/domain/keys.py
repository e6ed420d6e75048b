"""How long what the identity service hands out lives."""

from __future__ import annotations

from datetime import timedelta

from shared.http.requests.tokens import ACCESS_SECONDS, LEEWAY
from shared.rules.lifecycle import Lifecycle, Step

ACCESS_LIFE = timedelta(seconds=ACCESS_SECONDS)
CODE_LIFE = timedelta(seconds=60)
REFRESH_LIFE = timedelta(days=14)
"""Of one refresh token; every use gives a new one."""
FAMILY_LIFE = timedelta(days=90)
"""Of all refresh tokens that follow from one sign-in."""
DEVICE_LIFE = timedelta(minutes=10)
DEVICE_INTERVAL = 5
ID_TOKEN_ALGORITHMS = ("RS256", "ES256", "Ed25519")
"""Signatures of ID tokens, by client's choice; the first is what all know (OpenID Connect Core 1.0, 15.1)."""
RETIRED_LIFE = ACCESS_LIFE + timedelta(seconds=2 * LEEWAY + 50)
"""A key that no longer signs verifies until its last token is gone."""

KEY_LIFECYCLE = Lifecycle("token_key", "active", (Step("retire", ("active",), "retired"),), words="services.identity")
