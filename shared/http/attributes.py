"""What views show of aggregates beyond what a service adds: columns, the ETag, and the texts behind digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.database.rows import Aggregate, state_columns
from shared.evidence.texts import texts
from shared.journal.session import Session

DIGEST = "_digest"
"""How the name of a digest ends: the text is shown under what stands before."""


def attributes_of(session: Session, rows: Sequence[Aggregate]) -> list[dict[str, Any]]:
    """Of each its loaded columns by the API's names, its ETag, and its texts: of `reason_digest` as `reason`.

    So it is in objects that a column holds, too. A text is None where it was erased or never came here. The
    `allowed_actions` are what its `lifecycle` lets its home do.
    """
    found = [(row, _columns(row)) for row in rows]
    known: dict[UUID, dict[str, str]] = defaultdict(dict)
    names = [(row.id, one) for row, columns in found for part in _objects(columns) for one in _digests(part).values()]
    for (key, digest), text in texts(session, names).items():
        known[key][digest] = text
    return [
        {**_with_texts(columns, known[row.id]), "etag": row.etag, "allowed_actions": _actions(session, row)}
        for row, columns in found
    ]


def _actions(session: Session, row: Any) -> tuple[str, ...]:
    is_home = session.context.party == row.home_id
    return row.lifecycle.actions(row.state) if is_home and row.lifecycle is not None else ()


def _columns(row: Aggregate) -> dict[str, Any]:
    stated = {attribute: name for name, attribute in state_columns(type(row)).items()}
    return {stated.get(name, name): value for name, value in vars(row).items() if not name.startswith("_")}


def _objects(columns: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The row itself and the objects in its columns, alone or in a list; nothing deeper is looked at."""
    yield columns
    for value in columns.values():
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Mapping))


def _digests(part: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: value for name, value in part.items() if name.endswith(DIGEST) and isinstance(value, str | None)}


def _with_texts(columns: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    def with_texts(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {**value, **{name.removesuffix(DIGEST): texts.get(one or "") for name, one in _digests(value).items()}}

    return {
        name: [with_texts(one) for one in value] if isinstance(value, list) else with_texts(value)
        for name, value in with_texts(columns).items()
    }
