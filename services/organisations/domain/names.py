"""Search keys: what somebody who looks for an organisation may begin to type, in Chinese, pinyin, initials or code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any

from shared.text import searching
from shared.text.identifiers import NotOneError, normal
from shared.text.searching import spaced

CODE, BEGINS, INSIDE = 0, 1, 2
"""Ranks of a key: a credit code, the beginning of a name, a place inside a name."""
LONGEST = 12
"""Characters of a key; what is looked for beyond them is compared with the whole name."""
TAILS = (
    "集团股份有限公司",
    "集团有限责任公司",
    "集团有限公司",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "公司",
    "集团",
)
"""Endings half of all names have: no key begins inside them."""
TAIL = re.compile(f" ?(?:{'|'.join(' ?'.join(tail) for tail in TAILS)})$")
WORD = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")

Keys = dict[str, int]
"""Rank by key; the same key counts where it ranks best."""


def terms_of(question: str) -> list[str]:
    """The words of a question; endings like 有限公司 count only where nothing else is asked. A credit code is one."""
    try:
        return [normal("credit_code", question).lower()]
    except NotOneError:
        words = searching.terms_of(question)
    telling = [word for word in words if not any(word in tail for tail in TAILS)]
    return list(dict.fromkeys(telling or words))


def keys_of(state: Mapping[str, Any]) -> Keys:
    """The keys of an organisation with this state document, cut to `LONGEST`, codes whole; none once it is merged."""
    if state["state"] == "merged":
        return {}
    keys: Keys = {}
    for key, rank in _keys(state):
        short = key if rank == CODE else key[:LONGEST]
        keys[short] = min(rank, keys.get(short, INSIDE))
    return keys


def best_key(state: Mapping[str, Any], term: str) -> tuple[int, str] | None:
    """(rank, key) of the first key, in that order, that begins with `term`, as it was kept; None when none does."""
    ranks: Keys = {}
    matching = set()
    for key, rank in _keys(state, spoken=term.isascii()):
        if not key.startswith(term[:LONGEST]):
            continue
        short = key if rank == CODE else key[:LONGEST]
        ranks[short] = min(rank, ranks.get(short, INSIDE))
        if key.startswith(term):
            matching.add(short)
    return min(((ranks[short], short) for short in matching), default=None)


def _keys(state: Mapping[str, Any], *, spoken: bool = True) -> Iterator[tuple[str, int]]:
    """Every key at its whole length; without the `spoken` ones, which cost most, for a term in Chinese."""
    earlier = state["predecessors"]
    for code in (state["code"], *(item["code"] for item in earlier)):
        yield code.lower(), CODE
    for name in dict.fromkeys([state["name_zh"], *state["former_names"], *(item["name_zh"] for item in earlier)]):
        yield from _starts(name, spoken=spoken)
    if state["name_en"]:
        name = spaced(state["name_en"])
        for place, word in enumerate(WORD.finditer(name)):
            yield name[word.start() :].replace(" ", ""), INSIDE if place else BEGINS


def _starts(name: str, *, spoken: bool) -> Iterator[tuple[str, int]]:
    """Every place in the name from which somebody may begin: as written, as pinyin, as initials."""
    written = spaced(name)
    # One syllable per Chinese character; letters and digits stay as they stand, and a blank is none.
    said = [syllable.strip() for syllable in _syllables(written)] if spoken else []
    whole, initials = "".join(said), "".join(syllable[:1] for syllable in said)
    sounds = list(zip(accumulate(map(len, said), initial=0), accumulate(map(bool, said), initial=0), strict=True))
    # What comes before the ending, at least one character.
    ending = TAIL.search(written)
    telling = ending.start() if ending and ending.start() else len(written)
    for at in range(telling):
        rank = INSIDE if at else BEGINS
        if at:
            # Every Chinese character begins a word; of a run of letters and digits only the first.
            inside = written[at].isascii() and written[at - 1].isascii() and written[at - 1].isalnum()
            if inside or not written[at].isalnum():
                continue
        yield written[at:].replace(" ", ""), rank
        if said and not written[at].isascii():
            sound, initial = sounds[at]
            yield whole[sound:], rank
            yield initials[initial:], rank


@lru_cache(maxsize=8192)
def _syllables(written: str) -> tuple[str, ...]:
    """Kept, for a search checks the same common names again and again."""
    from pypinyin.seg import simpleseg  # noqa: PLC0415 - its dictionary fills 50 MB, which a worker seldom needs

    return tuple(chain.from_iterable(map(_said, simpleseg.seg(written))))


@lru_cache(maxsize=65536)
def _said(word: str) -> tuple[str, ...]:
    """Names are made of the same words again and again, and what a word sounds like depends on no other."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - see above

    return tuple(lazy_pinyin([word], errors=_letters))


def _letters(text: str) -> Any:
    """What is not Chinese, one by one."""
    return list(text)
