"""The catalogue of event types: each is a frozen dataclass in the past tense, registered under its versioned name."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Union, dataclass_transform, get_args, get_origin, get_type_hints
from uuid import UUID

from events.canonical import Json
from events.text import FreeText

TYPE_NAME = re.compile(r"^(?P<service>[a-z]+)\.(?P<subject>[a-z_]+)\.(?P<action>[a-z_]+)\.v(?P<version>[1-9][0-9]*)$")
Texts = Mapping[str, FreeText]


@dataclass(frozen=True)
class Change:
    """What happened, as every event class says it; `type` is its name in the catalogue.

    `zh` and `en` say it in one line for people, with the state's revision as `{revision}` where it has one.
    """

    type: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]


EVENTS: dict[str, type[Change]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, zh: str, en: str) -> Callable[[type[Any]], type[Any]]:
    """Make the class a frozen dataclass and register it as `service.subject.action.vN`."""
    if not TYPE_NAME.match(name):
        raise ValueError(f"{name} is not of the form service.subject.action.vN")

    def register(cls: type[Any]) -> type[Any]:
        cls.type, cls.zh, cls.en = name, zh, en
        known = EVENTS.setdefault(name, dataclass(frozen=True, kw_only=True)(cls))
        if known.__qualname__ != cls.__qualname__:
            raise ValueError(f"{name} is registered twice")
        return known

    return register


def parse(name: str, document: Mapping[str, Json], *, texts: Texts) -> Change | None:
    """The change as its class, or None for a type this code does not know; unknown fields are passed over.

    Raises ValueError or TypeError when a known field is missing or malformed.
    """
    cls = EVENTS.get(name)
    if cls is None:
        return None
    hints = _hints(name)
    known = {field.name: field for field in fields(cls)}
    missing = [
        key
        for key, field in known.items()
        if key not in document and not (field.default is not MISSING or field.default_factory is not MISSING)
    ]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    return cls(**{key: decode(hints[key], document[key], texts=texts) for key in known if key in document})


def summary(name: str, state: Mapping[str, Json]) -> dict[str, str]:
    """The line for people about an entry with this state; a type this code does not know shows its name."""
    known = EVENTS.get(name)
    revision = state.get("revision", "")
    lines = (name, name) if known is None else (known.zh, known.en)
    return {language: line.format(revision=revision) for language, line in zip(("zh", "en"), lines, strict=True)}


@cache
def _hints(name: str) -> Mapping[str, Any]:
    """Asked for with every event that is read, and slow to find out."""
    return get_type_hints(EVENTS[name])


_SCALARS: dict[object, Callable[[Any], object]] = {
    UUID: UUID,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    Decimal: Decimal,
}


def decode(hint: Any, value: Json, *, texts: Texts) -> Any:
    """Turn JSON back into what `hint` says; the inverse of `events.canonical.plain`. Erased text becomes None."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        return None if value is None else decode(inner[0], value, texts=texts)
    if hint is FreeText:
        return texts.get(value)
    if hint in _SCALARS:
        return _SCALARS[hint](value)
    if get_origin(hint) is tuple:
        return tuple(decode(get_args(hint)[0], item, texts=texts) for item in value)
    return value
