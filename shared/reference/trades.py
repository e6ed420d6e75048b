"""What the codes of GB/T 4754-2017 are called, down to its divisions: a read-only reference."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from shared.core.words import Pair

DIVISION = 3
"""Characters of a division's code; groups and classes have more."""


def name_of(code: str) -> Pair | None:
    """Of a section or a division; of a group or class that of its division. None for what is no such code."""
    return names().get(code[:DIVISION]) if code[DIVISION:].isdecimal() or len(code) <= DIVISION else None


def called(code: str) -> Pair | None:
    """The code with its name, as people read it; a class with the name of its division."""
    known = name_of(code)
    if known is None or len(code) <= DIVISION:
        return known and Pair(f"{code} {known.zh}", f"{code} {known.en}")
    return Pair(f"{code}({known.zh})", f"{code} ({known.en})")


@cache
def names() -> Mapping[str, Pair]:
    """Of each section and division, by its code."""
    written = yaml.safe_load(files(__package__).joinpath("trades.yaml").read_text("utf-8"))
    return {code: Pair.read(said) for code, said in written.items()}
