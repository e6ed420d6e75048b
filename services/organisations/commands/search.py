"""Search keys, written in the transaction of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, collate, delete, func, select
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
KEEP = upsert(TABLE).from_select(
    ["tenant_id", "rank", "key", "organisation_id"],
    select(bindparam("tenant", type_=Uuid()), GIVEN.c.rank, KEY, GIVEN.c.organisation)
    # In the order of the index, which spares it half of the work.
    .order_by(GIVEN.c.rank, collate(KEY, "C"), GIVEN.c.organisation),
).on_conflict_do_nothing()  # fmt: skip
"""One statement for any number of keys: those of an organisation travel as one text per rank, which PostgreSQL divides
many times faster than a driver writes as many values."""
FORGET = delete(TABLE).where(
    TABLE.c.rank == bindparam("a_rank"),
    TABLE.c.key == bindparam("a_key"),
    TABLE.c.organisation_id == bindparam("an_organisation"),
)


def reindex(session: Session, changes: Iterable[Change]) -> None:
    """Make the kept keys of each organisation those it has now."""
    gone: list[dict[str, Any]] = []
    new: dict[tuple[int, UUID], list[str]] = {}
    for organisation, before, after in changes:
        for key, rank in before.items() - after.items():
            gone.append({"a_rank": rank, "a_key": key, "an_organisation": organisation})
        for key, rank in after.items() - before.items():
            new.setdefault((rank, organisation), []).append(key)
    session.write(FORGET, gone)
    if new:
        ranks, organisations = zip(*new, strict=True)
        texts = [BETWEEN.join(keys) for keys in new.values()]
        values = {"ranks": list(ranks), "texts": texts, "organisations": list(organisations)}
        session.write(KEEP, [{"tenant": session.context.tenant_id, **values}])


def keys_in(state: Mapping[str, Any] | None) -> Keys:
    """The keys of a state document; none where there is no state."""
    return {} if state is None else keys_of(state)
