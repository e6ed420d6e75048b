"""Scopes of the OAuth kind that the routes of this service ask for."""

READ, WRITE, DECIDE, SIGN = "standards:read", "standards:write", "standards:decide", "standards:sign"
OWN_READ, OWN_WRITE = "own:read", "own:write"
"""Of an organisation's own people, who see nothing else."""
