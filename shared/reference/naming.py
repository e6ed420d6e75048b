"""Divisions of today by their names: what somebody types for one, in Chinese, in pinyin or by initials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from shared.reference.divisions import Division, codes, get
from shared.text.searching import terms_of
from shared.text.speaking import sounding

BETWEEN = " "


def whole_name(division: Division) -> str:
    """With what it lies in: 四川省 广安市 邻水县."""
    above = get(division.parent) if division.parent else None
    return f"{whole_name(above)}{BETWEEN}{division.name_zh}" if above else division.name_zh


def found(text: str, most: int) -> Sequence[Division]:
    """Those whose whole name has every word in it, or whose code begins so; those called just so first."""
    terms = terms_of(text)
    patterns = [re.compile(sounding(term) or re.escape(term)) for term in terms]
    fitting = [
        one
        for one, name in _present()
        if terms and (one.code.startswith(text) or all(pattern.search(name) for pattern in patterns))
    ]
    return sorted(fitting, key=lambda one: (one.name_zh != text, one.name_zh not in text, one.code))[:most]


def code_of(text: str) -> str | None:
    """Of the only division that is called so; None for none, or several."""
    fitting = [one.code for one, name in _present() if text in (one.name_zh, name)]
    return fitting[0] if len(fitting) == 1 else None


@cache
def _present() -> Sequence[tuple[Division, str]]:
    return list(_with_names())


def _with_names() -> Iterator[tuple[Division, str]]:
    for code in codes():
        division = get(code)
        if division is not None and division.valid_to is None:
            yield division, whole_name(division)
