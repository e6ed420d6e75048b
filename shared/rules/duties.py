"""What can wait for somebody: the duties of a kind of thing, and those of one thing as its state has them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Duty:
    """An action that a thing may wait for: its name, in both languages too, and the scope that it needs."""

    action: str
    zh: str
    en: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A thing waits for these tenants to act, since when and until when.

    `organisation` names whose thing it is, so that its people see that it waits; with `by_organisation` it waits for
    them, not for officials. What people of an organisation write needs it.
    """

    duty: Duty
    parties: Sequence[UUID]
    since: datetime
    due: datetime | None = None
    organisation: UUID | None = None
    by_organisation: bool = False


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a thing is called, where the API has it, and what it waits for; each duty once."""

    name_zh: str
    name_en: str | None
    url: str
    waits: Sequence[Wait] = ()


@dataclass(frozen=True)
class Beside:
    """Another thing that the waits depend on: of which kind, and in which column its id stands.

    Those in this `state` are derived again when it changes; None: never.
    """

    column: str
    kind: str
    state: str | None = None
