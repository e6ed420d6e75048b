"""What the page of a case shows besides its facts: terms, thread, answers and papers, each by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any

from markupsafe import Markup

from services.console.kit.clocks import clocks_of, said_of
from services.console.kit.states import state as state_said
from services.console.kit.things import Thing
from services.console.kit.values import YES_AND_NO, Values
from shared.core.words import Pair
from shared.pages.asking import Api, RefusedByApiError
from shared.pages.languages import named, t

LATEST = 50
"""So many messages and notes stand on the page."""


@dataclass(frozen=True)
class Said:
    """A message to all parties, or a note among colleagues."""

    at: str
    text: str | None
    _: KW_ONLY
    tenant: str = ""
    """'' of a note, which is one's own."""
    author: str = ""
    """'' of a message, which its tenant answers for."""
    by_applicant: bool = False
    attachments: Sequence[Mapping[str, Any]] = ()
    is_note: bool = False
    key: str = ""
    question: Mapping[str, Any] | None = None
    """Which kind of answer it asks for."""
    is_answered: bool = False


def asked_for(document: Mapping[str, Any]) -> Mapping[str, Pair]:
    """What can be asked for when papers are missing: the fields and papers of the item's sheet, by their names."""
    sheet = document["sheet"]
    fields = {one["name"]: Pair(one["label_zh"], one["label_en"] or one["label_zh"]) for one in sheet["form"]}
    return {**fields, **{one["key"]: Pair(one["name_zh"], one["name_zh"]) for one in sheet["materials"]}}


def case_of(api: Api, found: Thing) -> Mapping[str, Any]:
    """All that its templates need."""
    thread, names, has_older = thread_of(api, found)
    return {
        "clocks": clocks_of(found),
        "thread": thread,
        "has_older": has_older,
        "known": Values({**found.document.get("names", {}), **names}),
        "answers": [*answers_of(found.document)],
        "papers": [*papers_of(found.document)],
        "said": partial(said_in, found),
        "state": partial(state_in, found),
    }


def thread_of(api: Api, found: Thing) -> tuple[list[Said], dict[str, Any], bool]:
    """What was said about the case, oldest first, with the names in it, and whether there is more."""
    path = found.area.api(found.key)
    if found.document["state"] == "draft":
        return [], {}, False
    messages = api.get(f"{path}/messages", limit=LATEST, sort="-created_at").body
    notes: Mapping[str, Any] = {"items": [], "next": None}
    with suppress(RefusedByApiError):
        # Officials alone have them.
        notes = api.get(f"{path}/notes", limit=LATEST, sort="-created_at").body
    kinds = {row["id"]: row["question"]["kind"] for row in messages["items"] if row["question"]}
    answered = {row["answers"] for row in messages["items"]}
    told = [
        Said(
            row["created_at"],
            word_of(row["text"]) if kinds.get(row["answers"]) == "yes_no" else row["text"],
            tenant=row["home"],
            by_applicant=row["by_applicant"],
            attachments=row["attachments"],
            key=row["id"],
            question=row["question"],
            is_answered=row["id"] in answered,
        )
        for row in messages["items"]
    ]
    told += [Said(row["created_at"], row["text"], author=row["author"], is_note=True) for row in notes["items"]]
    names = {**messages.get("names", {}), **notes.get("names", {})}
    return sorted(told, key=lambda one: one.at), names, bool(messages["next"] or notes["next"])


def word_of(value: str) -> str:
    """Yes and no by their words; anything else as it stands."""
    word = {"yes": YES_AND_NO["true"], "no": YES_AND_NO["false"]}.get(value)
    return t(word.zh, word.en) if word else value


def answers_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field of the form with what was filled in, yes and no by their words."""
    kinds = {one["name"]: one["kind"] for one in document["sheet"]["form"]}
    for one in document["answers"]:
        value = word_of(one["value"]) if kinds.get(one["name"]) == "yes_no" else one["value"]
        yield named(one["label"]["zh"], one["label"]["en"]), value


def papers_of(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each paper of the sheet with the files that were handed over for it."""
    for one in document["sheet"]["materials"]:
        files = [file for file in document["materials"] if file["material"] == one["key"]]
        yield {"name": one["name_zh"], "required": one["required"], "files": files}


def said_in(found: Thing, field: str, *, name: str, value: Any) -> str:
    """What a value of a part of the case is called."""
    whole = found.shape.field(field)
    shape = None if whole is None else (whole.items or whole).field(name)
    return said_of(shape, value)


def state_in(found: Thing, field: str, *, value: str) -> Markup:
    """The state of a part as word, shape and colour."""
    whole = found.shape.field(field)
    shape = None if whole is None or whole.items is None else whole.items.field("state")
    return state_said(value, ((shape.choices if shape else None) or {}).get(value))
