"""Timelines: who, which authority, what changed before and after, with the hash of each entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from services.console.calling.shapes import Shape
from services.console.kit.things import Thing
from services.console.kit.values import Values
from shared.pages.asking import Api
from shared.pages.languages import t

PAGE = 20


def short_hash(text: str) -> str:
    """Its beginning and end, for people to compare."""
    plain = text.removeprefix("sha256:")
    return f"{plain[:4]} {plain[4:8]} … {plain[-4:]}"


@dataclass(frozen=True)
class Entry:
    """One entry as it is shown."""

    row: Mapping[str, Any]
    values: Values

    @property
    def title(self) -> str:
        """What happened."""
        summary = self.row["summary"]
        return t(summary["zh"], summary["en"])

    @property
    def tenant(self) -> str:
        return str(self.row["actor"]["tenant"])

    @property
    def actor(self) -> str:
        """Who did it, as far as the reader may know."""
        return self.values.name(str(self.row["actor"]["id"]))

    @property
    def hash(self) -> str:
        """Its beginning and end; the whole stands in the journal."""
        return short_hash(self.row["entry_hash"])

    def changes(self, shape: Shape) -> list[tuple[str, Markup]]:
        """What was changed, field by field; texts that were erased are said to be."""
        texts = self.row.get("texts") or {}
        change = (self.row.get("change") or {}).items()
        return [(name, self._field(shape.field(name), value, texts=texts)) for name, value in change if value]

    def _field(self, shape: Shape | None, value: Any, *, texts: Mapping[str, str | None]) -> Markup:
        """As its field is shown on the page of the thing, where it has one there."""
        plain = shape is None or (isinstance(value, str) and value in texts)
        return self._said(value, texts) if shape is None or plain else self.values.shown(shape, value)

    def _said(self, value: Any, texts: Mapping[str, str | None]) -> Markup:
        if isinstance(value, str) and value in texts:
            text = texts[value]
            return escape(t("(已删除)", "(erased)") if text is None else text)
        if isinstance(value, dict):
            return Markup("; ").join(
                Markup("{}: {}").format(self.values.name(str(key)), self._said(one, texts))
                for key, one in value.items()
            )
        if isinstance(value, list):
            return Markup(", ").join(self._said(one, texts) for one in value)
        return escape(self.values.name(str(value)))


@dataclass(frozen=True)
class Timeline:
    """Some entries, newest first, and where the older ones begin."""

    entries: Sequence[Entry]
    following: str | None


def timeline_of(api: Api, found: Thing, *, cursor: str | None = None, most: int = PAGE) -> Timeline:
    """What happened to the thing and its parts."""
    path = f"{found.area.api(found.key)}/timeline"
    body = api.get(path, limit=most, cursor=cursor or None).body
    values = Values(body.get("names", {}))
    return Timeline([Entry(row, values) for row in body["items"]], body["next"])
