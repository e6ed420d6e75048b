"""Scopes of the OAuth kind that the routes of this service ask for."""

READ, WRITE, DECIDE, SIGN = "standards:read", "standards:write", "standards:decide", "standards:sign"
