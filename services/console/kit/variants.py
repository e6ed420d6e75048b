"""Variants: several ways to fill in one form, where the API takes one or the other."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from services.console.calling.shapes import Shape


class Variant(NamedTuple):
    """One of several ways to fill in the same form."""

    title: str
    """`中文 / English`."""
    needs: tuple[str, ...]
    without: tuple[str, ...]
    """Fields that belong to the other ways."""

    def draft(self, whole: Shape) -> Shape:
        """What is asked for in this way."""
        fields = (one for one in whole.fields if one.name not in self.without)
        return replace(
            whole, fields=tuple(replace(one, required=one.required or one.name in self.needs) for one in fields)
        )
