"""Text as cells of a table hold it: in the width of ASCII, and whether anybody can read it."""

from __future__ import annotations

from unicodedata import category

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def narrow(text: str) -> str:
    """Full-width letters, digits and signs, as Chinese input methods type them, in the width of ASCII."""
    return text.translate(WIDE)


def unreadable(text: str) -> str | None:
    """The first character of a name that nobody can read: U+FFFD, private use, a control or no character at all."""
    return next((mark for mark in text if mark > "~" or mark < " " if _is_unreadable(mark)), None)


def _is_unreadable(mark: str) -> bool:
    # Characters newer than Python's own table are unassigned in it; rare Chinese ones are among them.
    return mark == "\ufffd" or category(mark) in ("Cc", "Co", "Cs") or (ord(mark) & 0xFFFE) == 0xFFFE
