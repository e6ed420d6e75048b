"""How long what a client sends may be; the forms and the pages all follow these."""

from __future__ import annotations

LINE = 8190
"""Bytes of a request line and of a header that every proxy on the way takes: nginx's default."""
FIELDS = 100
"""Headers of a request, and fields of a form."""
FORM = 64_000
"""Bytes of a form: a token or two and a whole request line in its hidden `next`, encoded anew."""
ADDRESS = LINE - 400
"""Bytes of an address that is built here out of what was given: method, version and further parameters fit beside."""
