"""Search in Chinese text: queries for the bigrams that `shared.bigrams` of the database makes of a text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby


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
