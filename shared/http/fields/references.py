"""Fields that name a tenant, an account or a thing by its id, and what of it a document therefore mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from shared.database.rows import AGGREGATES

ANY, USER = "", "user"
"""The kind of an id that may be of anything."""
TENANT, ACCOUNT, CLIENT = "tenant", "account", "client"
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
CLIENT_ID = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]\.[a-z][a-z0-9-]{1,38}[a-z0-9]")


class Mention(NamedTuple):
    """An id that a document shows; of an account also the tenant that keeps it, None where that is the reader's."""

    kind: str
    id: str
    tenant: str | None = None


class Referring:
    """A field whose value mentions something; `beside` is the object in which it stands."""

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        raise NotImplementedError


class Reference(fields.UUID, Referring):
    """The id of something of this kind; with `by`, of the kind that the field of that name beside it tells."""

    def __init__(self, kind: str = ANY, *, by: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind, self.by = kind, by

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """Kinds of aggregates are told as `parks.park`, also at the beginning of a command's name."""
        told = str(beside.get(self.by, "")) if self.by else ""
        yield Mention(told.split(".")[1] if "." in told else told or self.kind, str(value))


class ActorReference(fields.String, Referring):
    """Who acted: an account, a client or a part of the platform; `of` is the field beside it that tells whose it is."""

    def __init__(self, *, of: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of = of

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """A client is called by its name, everybody else by an id."""
        tenant = beside.get(self.of) if self.of else None
        yield Mention(CLIENT if CLIENT_ID.fullmatch(value) else ACCOUNT, value, None if tenant is None else str(tenant))


class ClientReference(fields.String, Referring):
    """The public name of a client, `<tenant code>.<name>`."""

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """Itself."""
        del beside
        yield Mention(CLIENT, value)


class Saying(fields.Raw, Referring):
    """JSON of any shape in which ids may stand."""

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """Every id in it."""
        del beside
        yield from _ids(value)


class SayingText(fields.String, Referring):
    """A text that may be an id."""

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """It, if it is one."""
        del beside
        yield from _ids(value)


class SayingObject(fields.Dict, Referring):
    """The same, always an object."""

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """Every id in it."""
        del beside
        yield from _ids(value)


def _ids(value: Any) -> Iterator[Mention]:
    if isinstance(value, str):
        if ID.fullmatch(value):
            yield Mention(ANY, value)
        elif CLIENT_ID.fullmatch(value) and value not in AGGREGATES:
            yield Mention(CLIENT, value)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _ids(name)
            # Of another tenant's people no more is known than whose they are, and that must be told.
            yield from (
                [Mention(ACCOUNT, item, value.get("tenant"))] if name == USER and isinstance(item, str) else _ids(item)
            )
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item)


def mentions(view: Schema, document: Any) -> Iterator[Mention]:
    """What a document that this schema dumped mentions, also in lists, within objects and as their keys."""
    if not isinstance(document, Mapping):
        return
    for name, field in view.dump_fields.items():
        value = document.get(field.data_key or name)
        if value is not None:
            yield from _within(field, value, beside=document)


def _within(field: Any, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
    if isinstance(field, Referring):
        yield from field.mentioned(value, beside=beside)
    elif isinstance(field, fields.Nested):
        for item in value if isinstance(value, list) else [value]:
            yield from mentions(field.schema, item)
    elif isinstance(field, fields.List):
        for item in value:
            yield from _within(field.inner, item, beside=beside)
    elif isinstance(field, fields.Dict):
        for key, item in value.items():
            yield from _within(field.key_field, key, beside=beside)
            yield from _within(field.value_field, item, beside=beside)


@cache
def refers(view: type[Schema]) -> bool:
    """Whether documents of this schema can mention anything."""
    return any(field_refers(field) for field in view().dump_fields.values())


def field_refers(field: Any) -> bool:
    """Whether what this field shows can mention anything."""
    if isinstance(field, fields.Nested):
        return refers(type(field.schema))
    if isinstance(field, fields.List):
        return field_refers(field.inner)
    if isinstance(field, Referring):
        return True
    return isinstance(field, fields.Dict) and (field_refers(field.key_field) or field_refers(field.value_field))
