"""Chinese names by what they sound like: a pattern that finds them by pinyin, whole or begun, or by initials.

Each syllable stands for all characters that are ever read so. So nothing has to be kept beside a name, and who types
chongqing need not know that 重 is read in two ways; that a pattern finds a few names too many is the price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

import yaml

LETTERS = re.compile("[a-z]+")
MOST_LETTERS = 30
"""Of what is longer only the letters themselves are looked for."""
MOST_INITIALS = 12
MOST_READINGS = 32
"""Ways to part the same letters into syllables: xian is one, and two."""


@cache
def syllables() -> dict[str, str]:
    """The characters that are read so, by syllable."""
    told = yaml.safe_load(files("shared.text").joinpath("syllables.yaml").read_text("utf-8"))["syllables"]
    return {syllable: characters.replace(" ", "") for syllable, characters in told.items()}


@lru_cache(maxsize=256)
def sounding(term: str) -> str | None:
    """A regular expression of PostgreSQL for folded text; None for a folded term without a letter that could be one."""
    return LETTERS.sub(lambda found: _run(found[0]), term) if LETTERS.search(term) else None


def _run(letters: str) -> str:
    """What these letters may stand for: themselves, the initials of characters, or their pinyin."""
    ways = [letters]
    if len(letters) <= MOST_INITIALS:
        ways.append("".join(map(_beginning, letters)))
    if len(letters) <= MOST_LETTERS:
        ways += islice(_readings(letters), MOST_READINGS)
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _readings(letters: str) -> Iterator[str]:
    """Ways to read them as syllables, of which the last may be only begun; the longest syllables first."""
    readable = {len(letters)}
    for start in range(len(letters) - 1, -1, -1):
        if _begins(letters[start:]) or any(end in readable for end in _ends(letters, start)):
            readable.add(start)
    pending = [("", 0)] if 0 in readable else []
    while pending:
        read, start = pending.pop()
        if _begins(rest := letters[start:]):
            yield read + _beginning(rest)
        pending += [
            (f"{read}[{syllables()[letters[start:end]]}]", end)
            for end in _ends(letters, start)
            if end in readable and end < len(letters)
        ]


def _ends(letters: str, start: int) -> list[int]:
    """Where a syllable that begins here may end, the nearest first."""
    return [end for end in range(start + 1, len(letters) + 1) if letters[start:end] in syllables()]


@lru_cache(maxsize=4096)
def _begins(letters: str) -> bool:
    return any(syllable.startswith(letters) for syllable in syllables())


@cache
def _beginning(letters: str) -> str:
    """The characters whose sound begins so; no sound begins with i, u or v."""
    characters = {one for syllable, read in syllables().items() if syllable.startswith(letters) for one in read}
    return f"[{''.join(sorted(characters))}]" if characters else letters
