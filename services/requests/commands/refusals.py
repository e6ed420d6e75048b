"""How often one tenant has refused the same to the tenant where cases are filed; each third time an event says so."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from events.entry import Actor
from events.requests import RefusalRepeated
from services.requests.domain.refusals import is_counted, is_told, same_ground
from services.requests.models import Case, Refusal
from shared.database.rows import table_of
from shared.journal.session import Session


def count_refusal(session: Session, case: Case, *, by: UUID, kind: str, ground: str) -> None:
    """Count it at home and, the third time, the sixth and so on, tell both tenants, on the case that made it so many.

    The row of the count is locked until the transaction ends: whoever refuses at the same time waits and gets the next
    number, and what is rolled back was never counted. So no third one is missed, or told twice.
    """
    here = session.context.tenant_id
    if by == here or not is_counted(kind, ground):
        return
    table, key = table_of(Refusal), {"by": by, "item_id": case.item_id, "kind": kind, "ground": same_ground(ground)}
    first = insert(table).values(tenant_id=here, **key, times=1)
    raised = first.on_conflict_do_update(
        index_elements=["tenant_id", *key], set_={"times": table.c.times + 1}
    ).returning(table.c.times)
    times = cast(int, session.scalar(raised))
    if is_told(times):
        change = RefusalRepeated(handler=by, item=case.item_id, kind=kind, ground=ground, times=times)
        # The home has counted; whoever refuses did not ask for this.
        session.publish(case, change, by=Actor(here, "xietong:requests"))
