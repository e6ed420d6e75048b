"""Why a party does not follow what its home signed."""

from __future__ import annotations


class RejectedByPartyError(Exception):
    """Home says what this tenant knows better. It lies in its signed entries; nothing here is at fault."""


class ForkError(RejectedByPartyError):
    """Home signed two different histories: the entry does not continue the one this tenant knows."""


class FalseClaimError(RejectedByPartyError):
    """Home says that this tenant asked for what it did not, or says on its behalf what it may not."""
