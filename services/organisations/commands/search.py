"""Search keys, written in the transaction of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.organisations.domain.names import Keys, keys_of
from services.organisations.models import SearchKey
from shared.database.rows import table_of
from shared.journal.session import Session

TABLE = table_of(SearchKey)
Change = tuple[UUID, Keys, Keys]
"""An organisation with the keys it had and the keys it has."""


KEEP = upsert(TABLE).from_select(
    ["tenant_id", "rank", "key", "organisation_id"],
    select(
        bindparam("tenant", type_=Uuid()),
        func.unnest(bindparam("ranks", type_=ARRAY(Integer()))),
        func.unnest(bindparam("keys", type_=ARRAY(Text()))),
        func.unnest(bindparam("organisations", type_=ARRAY(Uuid()))),
    ),
).on_conflict_do_nothing()  # fmt: skip
"""One statement for any number of keys: arrays travel and parse several times faster than as many rows."""
FORGET = delete(TABLE).where(
    TABLE.c.rank == bindparam("a_rank"),
    TABLE.c.key == bindparam("a_key"),
    TABLE.c.organisation_id == bindparam("an_organisation"),
)


def reindex(session: Session, changes: Iterable[Change]) -> None:
    """Make the kept keys of each organisation those it has now."""
    gone: list[dict[str, Any]] = []
    new: list[tuple[int, str, UUID]] = []
    for organisation, before, after in changes:
        for key, rank in before.items() - after.items():
            gone.append({"a_rank": rank, "a_key": key, "an_organisation": organisation})
        new += [(rank, key, organisation) for key, rank in after.items() - before.items()]
    session.write(FORGET, gone)
    if new:
        # In the order of the index, which spares it half of the work.
        ranks, keys, organisations = zip(*sorted(new), strict=True)
        values = {"ranks": list(ranks), "keys": list(keys), "organisations": list(organisations)}
        session.write(KEEP, [{"tenant": session.context.tenant_id, **values}])


def keys_in(state: Mapping[str, Any] | None) -> Keys:
    """The keys of a state document; none where there is no state."""
    return {} if state is None else keys_of(state)
