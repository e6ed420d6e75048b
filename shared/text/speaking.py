"""Chinese names by what they sound like: a pattern that finds them by pinyin, whole or begun, or by initials.

Each syllable stands for all characters that are ever read so. So nothing has to be kept beside a name, and who types
chongqing need not know that 重 is read in two ways; that a pattern finds a few names too many is the price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, pairwise

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
    if len(letters) <= MOST_LETTERS and (read := _reading(letters)):
        ways.append(read)
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _reading(letters: str) -> str:
    """All ways to read them as syllables, of which the last may be only begun; '' where there is none.

    Where every way has a syllable end, what comes after is written once, not behind each way to read what is before:
    PostgreSQL takes as long to read a pattern as it is long.
    """
    last, steps = len(letters), dict[int, list[int]]()
    for start in range(last - 1, -1, -1):
        ends = [end for end in _ends(letters, start) if end in steps]
        if ends or _begins(letters[start:]):
            steps[start] = [*ends, *([last] if _begins(letters[start:]) else [])]
    if 0 not in steps:
        return ""
    reached = {0}
    for start in sorted(steps):
        reached |= {*steps[start]} if start in reached else set()
    jumps = [(start, end) for start in steps if start in reached for end in steps[start]]
    cuts = [at for at in sorted(reached) if not any(start < at < end for start, end in jumps)]
    parts = []
    for begin, end in pairwise(cuts):
        ways = list(islice(_ways(letters, steps, begin=begin, end=end), MOST_READINGS))
        parts.append(ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})")
    return "".join(parts)


def _ways(letters: str, steps: Mapping[int, Sequence[int]], *, begin: int, end: int) -> Iterator[str]:
    """Each way from one place to another, the longest syllables first."""
    pending = [("", begin)]
    while pending:
        read, start = pending.pop()
        if start == end:
            yield read
            continue
        for following in steps[start]:
            one = letters[start:following]
            pending.append(
                (read + (_beginning(one) if following == len(letters) else f"[{syllables()[one]}]"), following)
            )


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
