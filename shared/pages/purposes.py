"""What somebody proves themselves for, told on the way through the sign-in pages.

The page that asks for the proof marks the words with a key of the platform, so that no link from elsewhere can put
words on the code page. They go along as a parameter that the authorization endpoint ignores (RFC 6749, 3.1), in plain
ASCII, as it takes no other characters.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

from shared.core.secrets import peppered
from shared.core.words import Pair
from shared.http.requests.gate import database

PURPOSE = "purpose"
"""The parameter's name."""


def marked(purpose: Pair) -> str:
    """The parameter's value."""
    said = urlsafe_b64encode(str(purpose).encode()).decode()
    return f"{said}.{_mark(said)}"


def purpose_at(url: str) -> Pair | None:
    """What the address says, where the platform itself has put it there; else None."""
    said, _, mark = parse_qs(urlsplit(url).query).get(PURPOSE, [""])[0].partition(".")
    if not said or not hmac.compare_digest(mark.encode(), _mark(said).encode()):
        return None
    return Pair.read(urlsafe_b64decode(said).decode())


def _mark(said: str) -> str:
    return peppered(database().settings.vault_key, PURPOSE, said)
