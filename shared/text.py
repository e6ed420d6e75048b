"""Chinese text: queries for the bigrams that `shared.bigrams` of the database makes of it, its width, no text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from unicodedata import category


def bigram_query(text: str) -> str:
    """A tsquery that asks for every word of `text`; '' (which matches nothing) when there is no word in it.

    Bind it as a parameter and cast it to tsquery: whatever the text, it is well-formed.
    """
    return " & ".join(dict.fromkeys(f"'{gram}'" for word in _words(text) for gram in _grams(word)))


def _words(text: str) -> Iterator[str]:
    """Runs of letters and decimal digits: narrower than the database's words, so that none spans a break there."""
    for is_word, characters in groupby(text.lower(), key=lambda one: one.isalpha() or one.isdecimal()):
        if is_word:
            yield "".join(characters)


def _grams(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(max(len(word) - 1, 1))]


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
