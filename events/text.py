"""Free text about people: signed only as a salted hash, so that it can be erased and the signature still holds."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import partial


@dataclass(frozen=True)
class FreeText:
    """A text and its salt; `digest` stands for it in everything that is signed (PIPL art. 47: erasure)."""

    text: str
    salt: str = field(default_factory=partial(secrets.token_hex, 16))

    @property
    def digest(self) -> str:
        """`sha256:` and the hex SHA-256 of salt, newline, text (UTF-8)."""
        return "sha256:" + hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()
