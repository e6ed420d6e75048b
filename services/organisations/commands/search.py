"""Search keys, written in the transaction of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Executable, Integer, Text, Uuid, bindparam, collate, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.organisations.domain.names import Keys, keys_of
from services.organisations.models import SearchKey
from shared.database.rows import table_of
from shared.journal.session import Session

TABLE = table_of(SearchKey)
BETWEEN = "\n"
"""Stands in no key."""
Change = tuple[UUID, Keys, Keys]
"""An organisation with the keys it had and the keys it has."""


GIVEN = func.unnest(
    bindparam("ranks", type_=ARRAY(Integer())),
    bindparam("texts", type_=ARRAY(Text())),
    bindparam("organisations", type_=ARRAY(Uuid())),
).table_valued("rank", "text", "organisation").render_derived()  # fmt: skip
KEY = func.string_to_table(GIVEN.c.text, BETWEEN).column_valued("key", joins_implicitly=True)
ROWS = (
    select(bindparam("tenant", type_=Uuid()), GIVEN.c.rank, KEY, GIVEN.c.organisation)
    # In the order of the index, which spares it half of the work.
    .order_by(GIVEN.c.rank, collate(KEY, "C"), GIVEN.c.organisation)
)
"""Of any number of keys: those of an organisation travel as one text per rank, which PostgreSQL divides many times
faster than a driver writes as many values."""
COLUMNS = ["tenant_id", "rank", "key", "organisation_id"]
ADD = insert(TABLE).from_select(COLUMNS, ROWS)
KEEP = upsert(TABLE).from_select(COLUMNS, ROWS).on_conflict_do_nothing()
FORGET = delete(TABLE).where(
    TABLE.c.rank == bindparam("a_rank"),
    TABLE.c.key == bindparam("a_key"),
    TABLE.c.organisation_id == bindparam("an_organisation"),
)


def index(session: Session, keys: Mapping[UUID, Keys]) -> None:
    """Write the keys of organisations that are new, which costs two thirds of looking whether they are there."""
    _write(session, ADD, keys=keys.items())


def reindex(session: Session, changes: Iterable[Change]) -> None:
    """Make the kept keys of each organisation those it has now."""
    gone: list[dict[str, Any]] = []
    new: list[tuple[UUID, Keys]] = []
    for organisation, before, after in changes:
        for key, rank in before.items() - after.items():
            gone.append({"a_rank": rank, "a_key": key, "an_organisation": organisation})
        new.append((organisation, dict(after.items() - before.items())))
    session.write(FORGET, gone)
    _write(session, KEEP, keys=new)


def _write(session: Session, statement: Executable, *, keys: Iterable[tuple[UUID, Keys]]) -> None:
    values: dict[str, list[Any]] = {"ranks": [], "texts": [], "organisations": []}
    for organisation, some in keys:
        by_rank: dict[int, list[str]] = {}
        for key, rank in some.items():
            by_rank.setdefault(rank, []).append(key)
        values["ranks"] += by_rank
        values["texts"] += map(BETWEEN.join, by_rank.values())
        values["organisations"] += [organisation] * len(by_rank)
    if values["texts"]:
        session.write(statement, [{"tenant": session.context.tenant_id, **values}])


def keys_in(state: Mapping[str, Any] | None) -> Keys:
    """The keys of a state document; none where there is no state."""
    return {} if state is None else keys_of(state)
