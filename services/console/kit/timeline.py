"""Timelines: who, which authority, what changed before and after, with the hash of each entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape

from services.console.calling.description import description
from services.console.calling.shapes import Shape
from services.console.kit.areas import action_labels
from services.console.kit.documents import under
from services.console.kit.things import Thing
from services.console.kit.values import Values, is_empty, short_hash
from shared.core.words import Pair
from shared.pages.asking import Api
from shared.pages.languages import t

PAGE = 20
OF = Pair("事项", "Of")


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
        """What was changed, field by field, as the page of the thing shows it; of a text that was erased that."""
        texts = self.row.get("texts") or {}
        labels, service = action_labels(shape), str(self.row["kind"]).partition(".")[0]
        found = []
        for name, value in (self.row.get("change") or {}).items():
            known, title = part_of(shape, name), description().title(name, service=service) or Pair(name, name)
            if is_empty(value) or (name in texts and known is not None and known.type == "list"):
                # A list that was signed as one text stands on the thing's own page, in its form.
                continue
            if name in texts:
                said = escape(t("(已删除)", "(erased)") if texts[name] is None else texts[name])
            elif name == "action" and value in labels:
                title, said = OF, escape(t(labels[value].zh, labels[value].en))
            else:
                # What an event says and the thing itself does not is called as elsewhere.
                told = replace(self.values, service=service)
                said = under(told, name, value=value) if known is None else self.values.shown(known, value)
            found.append((t(title.zh, title.en) if known is None else t(known.title.zh, known.title.en), said))
        return found


def part_of(shape: Shape, name: str) -> Shape | None:
    """The field of a thing that is called so, or else that of the first of its parts which has one."""
    parts = (one.items or one for one in shape.fields)
    return shape.field(name) or next((found for part in parts if (found := part.field(name))), None)


@dataclass(frozen=True)
class Timeline:
    """Some entries, newest first, and where the older ones begin."""

    entries: Sequence[Entry]
    following: str | None


def words_in(found: Thing) -> dict[str, Any]:
    """What the forms of its actions call a choice, and the thing its own parts: by these its entries are told."""
    drafts = [one.draft for one in found.area.acting.values() if one.draft is not None]
    choices = [item for draft in drafts for one in draft.fields for item in (one.choices or {}).items()]
    said = {key: {"kind": "", "code": None, **label.by_language()} for key, label in choices}
    return {**said, **dict(labelled(found.document))}


def labelled(said: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What a thing calls its own parts: `name` and `label` that stand beside each other."""
    if isinstance(said, Mapping) and isinstance(said.get("label"), Mapping):
        yield str(said.get("name")), said["label"]
    inner = said.values() if isinstance(said, Mapping) else said if isinstance(said, list) else ()
    for one in inner:
        yield from labelled(one)


def timeline_of(api: Api, found: Thing, *, cursor: str | None = None, most: int = PAGE) -> Timeline:
    """What happened to the thing and its parts."""
    path = f"{found.area.api(found.key)}/timeline"
    body = api.get(path, limit=most, cursor=cursor or None).body
    values = Values({**words_in(found), **body.get("names", {})})
    return Timeline([Entry(row, values) for row in body["items"]], body["next"])
