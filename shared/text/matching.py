"""Conditions of a search: what the database compares, folded on both sides as `shared.text.searching` says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, column, exists, false, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.text.searching import folded, terms_of
from shared.text.speaking import sounding


def holds_all(kept: Any, question: str) -> ColumnElement[bool]:
    """Whether a column of folded text holds every word of the question; nothing does where there is no word in it."""
    terms = terms_of(question)
    return and_(*(func.strpos(kept, literal(term)) > 0 for term in terms)) if terms else false()


def sounds_like_all(kept: Any, question: str) -> ColumnElement[bool]:
    """The same of names, that are found by pinyin and initials as well."""
    found = [(term, sounding(term)) for term in terms_of(question)]
    held = [
        func.strpos(kept, literal(term)) > 0 if pattern is None else kept.bool_op("~")(literal(pattern))
        for term, pattern in found
    ]
    return and_(*held) if held else false()


def starts_with(kept: Any, text: str) -> ColumnElement[bool]:
    """Whether a column sorted by character (collation "C") begins with a text, which is not empty.

    As two comparisons: under row-level security an index serves them, and never LIKE, which is not leakproof.
    """
    return and_(kept >= text, kept < text[:-1] + chr(ord(text[-1]) + 1))


def is_called(kept: Any, name: str) -> ColumnElement[bool]:
    """Whether a column of text is this name, as it is seen."""
    found: ColumnElement[bool] = func.shared.folded(kept, type_=Text()) == folded(name)
    return found


def has_called(kept: Any, name: str) -> ColumnElement[bool]:
    """Whether a column of texts has this name among them."""
    texts = func.unnest(kept).table_valued("one").render_derived(name="texts")
    return exists(select(1).select_from(texts).where(is_called(texts.c.one, name)))


def has_object(kept: Any, name: str, *, state: str) -> ColumnElement[bool]:
    """Whether a column of JSON objects has one with this `name` in this `state`."""
    objects = func.jsonb_array_elements(kept).table_valued(column("one", JSONB())).render_derived(name="objects")
    one: Any = objects.c.one
    there = is_called(one["name"].astext, name), one["state"].astext == state
    return exists(select(1).select_from(objects).where(*there))
